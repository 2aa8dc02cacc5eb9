"""A visit on a phone of 375 px: the network is cut in the middle, nothing is lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from inspections.models import Inspection
from inspections.queries import visits
from portal.core.models import Attachment, OfficialPaper
from portal.core.papers import content
from tests import makers
from tests.browser.browsing import (
    PHONE,
    SMALL,
    Portal,
    address,
    answer,
    button,
    client_of,
    heading,
    link,
    overflow,
    violations,
)
from tests.inspections import makers as make

WORDS = "[data-visit-words]"
ITEM = re.compile(rb'name="item"\r\n\r\n([A-Z]+-\d+)')


def look(page: Page) -> None:
    """The page holds on this screen and on the smallest one."""
    for size in (SMALL, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert overflow(page) <= 0, page.url
    assert violations(page) == [], page.url


def questions(page: Page) -> list[Locator]:
    """The questions of the part that is open."""
    return page.locator("[data-part]:not([hidden]) [data-item]").all()


def give(question: Locator, value: str) -> None:
    """Press one of the big buttons."""
    question.locator(f"input[value={value}]").check()


def fail(question: Locator, phrase: str) -> None:
    """Not as it should be: a phrase, a picture, and what the page proposes for the rest."""
    give(question, "fail")
    expect(question.locator("input[name$='-due_on']")).not_to_have_value("")
    question.locator("input[name$='-text']").fill(phrase)
    photo = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": makers.jpeg().read()}
    question.locator("input[type=file]").set_input_files(photo)


def go_through(page: Page, failed: dict[str, str], cut_at: str) -> None:
    """Answer part after part; the network goes at the question `cut_at`."""
    while True:
        for question in questions(page):
            code = question.get_attribute("data-item") or ""
            if code == cut_at:
                page.context.set_offline(True)
            if code in failed:
                fail(question, failed[code])
            else:
                give(question, "pass")
        following = page.locator("[data-next]")
        if page.locator("#heads").is_visible():
            return
        following.click()


def draw(page: Page, place: Locator) -> None:
    """A name with a finger."""
    canvas = place.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.move(box["x"] + 200, box["y"] + 25)
    page.mouse.up()
    place.get_by_role("button", name=re.compile(r"^保存签字")).click()


def paper_words(visit: Inspection) -> str:
    papers = OfficialPaper.objects.of(visit)
    return "\n".join(
        content.all_text(content.printed(paper, origin="https://example.invalid"))
        for paper in papers
    )


@pytest.mark.proves("prod:F1", "prod:F2", "prod:F3", "prod:F6", "prod:F12", "ux:44", "ux:46")
def test_a_visit_with_the_network_cut_in_the_middle(portal: Portal) -> None:
    """Half the answers wait on the phone, the page is lost, and everything arrives in order."""
    first, second = make.inspector(), make.inspector()
    visit = make.assigned(first, second)
    codes = [item.code for item in visits.items_of(visit)]
    page = portal.open(PHONE, user=first)
    sent: list[str] = []

    def arrived(request: Any) -> None:
        found = ITEM.search(request.post_data_buffer or b"")
        if request.url.endswith("/answer/") and found and found[1].decode() not in sent:
            sent.append(found[1].decode())

    page.context.on("requestfinished", arrived)
    begin(page, visit)
    go_through(page, {"ZH-07": "晨检记录缺2天", "ZH-09": "消毒记录缺失"}, codes[len(codes) // 2])
    count_heads(page)
    expect(page.locator(WORDS)).to_contain_text("没有网络")
    assert visit.answers.count() < len(codes)
    look(page)
    page = found_again(page)
    every = len(codes) + 2
    expect(page.locator(WORDS)).to_have_text(
        f"{every} 项中 {every} 项已保存到服务器", timeout=60_000
    )
    assert sent == codes
    the_rest(page, visit)
    assert visit.head_counts.count() == 1
    assert Attachment.objects.of(visit).count() == 2
    to_the_papers(page, visit)
    told = paper_words(visit)
    assert "晨检记录缺2天" in told
    assert "消毒记录缺失" in told


@pytest.mark.proves("prod:F2", "diff:14")
def test_what_waits_goes_up_under_the_name_of_whoever_gave_it(portal: Portal) -> None:
    """A colleague who signs in on the same phone sees that something waits and sends none of it."""
    first, second = make.inspector(), make.inspector()
    visit = make.on_site(first, second)
    page = portal.open(PHONE, user=first)
    page.goto(address("desk:field_check", visit.number))
    page.context.set_offline(True)
    give(questions(page)[0], "pass")
    expect(page.locator(WORDS)).to_contain_text("没有网络")
    portal.sign_in(page.context, client_of(second))
    page = found_again(page)
    expect(page.locator(WORDS)).to_contain_text("1 项是别人填的")
    give(questions(page)[1], "pass")
    expect(page.locator(WORDS)).to_contain_text("1 项中 1 项已保存到服务器")
    assert [each.answered_by for each in visit.answers.all()] == [second]
    portal.sign_in(page.context, client_of(first))
    page = found_again(page)
    expect(page.locator(WORDS)).to_have_text("2 项中 2 项已保存到服务器")
    assert {each.answered_by for each in visit.answers.all()} == {first, second}


def count_heads(page: Page) -> None:
    """One class, counted while there is no network."""
    page.locator("[name='head-0-children']").fill("8")
    page.locator("[name='head-0-carers']").fill("2")
    button(page, "保存点名").click()


def found_again(page: Page) -> Page:
    """The phone went dark and comes back with a network; the page is opened anew."""
    context, url = page.context, page.url
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(url)
    return page


def the_rest(page: Page, visit: Inspection) -> None:
    """The list grew where a key question failed: answer what came along."""
    link(page, "显示新项目").click()
    while not page.locator("#heads").is_visible():
        for question in questions(page):
            if not question.locator("input[type=radio]:checked").count():
                give(question, "pass")
        page.locator("[data-next]").click()
    every = len(visits.items_of(visit)) + 2
    expect(page.locator(WORDS)).to_have_text(
        f"{every} 项中 {every} 项已保存到服务器", timeout=60_000
    )


def begin(page: Page, visit: Inspection) -> None:
    """From the day's list through the door."""
    page.goto(address("desk:field"))
    look(page)
    link(page, visit.facility.name).click()
    look(page)
    button(page, "开始检查").click()
    heading(page, "亮证和到场")
    look(page)
    answer(page, {"access": "granted", "certificate_shown": True, "attendant": "示例"})
    button(page, "保存，继续").click()
    heading(page, "现场检查")
    look(page)


def to_the_papers(page: Page, visit: Inspection) -> None:
    """Look over it, sign, have the papers made."""
    link(page, "核对并结束").click()
    look(page)
    button(page, "结束检查，去签字").click()
    page.wait_for_url("**/sign/", timeout=30_000)
    heading(page, "签字确认")
    look(page)
    everybody_signs(page)
    button(page, "确认并生成文书").click()
    heading(page, visit.facility.name)
    look(page)
    visit.refresh_from_db()
    assert visit.state == "completed"


def everybody_signs(page: Page) -> None:
    """Each signature is a form of its own: the name of the facility's person is typed with his."""
    count = page.locator(".sign-place").count()
    for number in range(count):
        place = page.locator(".sign-place").nth(number)
        if number == count - 1:
            place.locator("[name$='-signer']").fill("园长 示例")
        draw(page, place)
        expect(page.locator(".sign-place").nth(number)).to_contain_text("已签字")


@pytest.mark.proves("ux:46")
def test_the_facilitys_pages_on_a_phone(portal: Portal) -> None:
    """Result, finding and monthly check hold at 320 and 375 px."""
    finding = make.finding()
    owner = make.member_of(finding.facility)
    page = portal.open(PHONE, user=owner)
    for name, args in (
        ("my:home", ()), ("my:inspections", ()), ("my:inspection", (finding.inspection.number,)),
        ("my:findings", ()), ("my:finding", (finding.number,)),
        ("my:finding_report", (finding.number,)), ("my:self_checks", ()),
    ):  # fmt: skip
        page.goto(address(name, *args))
        look(page)
    page.get_by_role("button", name=re.compile(r"^开始或继续自查")).click()
    heading(page, "2026年11月安全自查")
    look(page)
