"""A visit on a phone of 375 px, from the draw to the public page.

The network is cut in the middle and nothing is lost; the same visit goes without JavaScript.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from inspections.models import Finding, Inspection, InspectionPlan
from inspections.queries import visits
from inspections.tasks import mirror_publications
from portal.core import outbox
from portal.core.models import Attachment, Publication, User
from tests import makers
from tests.browser import paperwork
from tests.browser.browsing import (
    PHONE,
    SMALL,
    Portal,
    Wall,
    address,
    answer,
    button,
    client_of,
    heading,
    link,
    overflow,
    says,
    violations,
)
from tests.inspections import makers as make

WORDS = "[data-visit-words]"
ITEM = re.compile(rb'name="item"\r\n\r\n([A-Z]+-\d+)')
FAILED = {"ZH-07": "晨检记录缺2天", "ZH-09": "收费标准没有公示"}
PUT_RIGHT = "已补齐记录并贴出"


def look(page: Page, *, script: bool = True) -> None:
    """The page holds on this screen and on the smallest one."""
    for size in (SMALL, PHONE):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert overflow(page) <= 0, page.url
    if script:  # axe is one
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
    describe(question, phrase)


def describe(question: Locator, phrase: str) -> None:
    """What was seen, and a picture of it."""
    question.locator("input[name$='-text']").fill(phrase)
    question.locator("input[type=file]").set_input_files(picture("IMG_1.jpg"))


def picture(name: str) -> Any:
    """A photograph as a phone hands it over."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": makers.jpeg().read()}


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
    save_signature(place)


def save_signature(place: Locator) -> None:
    place.get_by_role("button", name=re.compile(r"^保存签字")).click()


@pytest.mark.proves(
    "prod:E3", "prod:F1", "prod:F2", "prod:F3", "prod:F6", "prod:F12", "prod:G4", "ux:44", "ux:46"
)
def test_from_the_draw_to_the_public_page(portal: Portal, wall: Wall) -> None:
    """Half the answers wait on the phone, the page is lost, and everything arrives in order."""
    make.inspector()
    clerk = makers.clerk()
    visit = drawn(portal, wall, make.plan_in_force(percent=100), clerk)
    page = portal.open(PHONE, user=make.lead_of(visit))
    begin(page, visit)
    arrived, codes = arrivals(page), [item.code for item in visits.items_of(visit)]
    cut_in_the_middle(page, visit, codes)
    page = found_again(page)
    all_is_safe(page, len(codes))
    assert arrived == codes
    the_rest(page, visit)
    assert visit.head_counts.count() == 1
    assert Attachment.objects.of(visit).count() == len(FAILED)
    to_the_papers(page, visit)
    outbox.drain(wall.forward(minutes=2))
    owner = portal.open(PHONE, user=make.member_of(visit.facility))
    read_and_answered(owner, visit)
    looked_at_again(portal, visit)
    outbox.drain(wall.forward(minutes=2))
    the_opinions_are_read(owner, visit)
    made_public(portal, wall, visit, clerk)
    read_by_anybody(portal, visit)


@pytest.mark.proves("prod:F1", "prod:F6")
def test_the_same_visit_without_scripts(portal: Portal, wall: Wall) -> None:
    """Each part of the list is a form with a button; a photo of a signed sheet is a signature."""
    make.inspector()
    clerk = makers.clerk()
    visit = drawn(portal, wall, make.plan_in_force(percent=100), clerk, script=False)
    page = portal.open(PHONE, script=False, user=make.lead_of(visit))
    begin(page, visit, script=False)
    fill_part_after_part(page, visit)
    count_heads(page)
    all_is_safe(page, len(visits.items_of(visit)))
    to_the_papers(page, visit, script=False)
    outbox.drain(wall.forward(minutes=2))
    owner = portal.open(PHONE, script=False, user=make.member_of(visit.facility))
    read_and_answered(owner, visit, script=False)
    looked_at_again(portal, visit, script=False)
    outbox.drain(wall.forward(minutes=2))
    the_opinions_are_read(owner, visit)
    made_public(portal, wall, visit, clerk, script=False)
    read_by_anybody(portal, visit, script=False)


# --- the office draws -----------------------------------------------------------------------------


def drawn(
    portal: Portal, wall: Wall, plan: InspectionPlan, clerk: User, *, script: bool = True
) -> Inspection:
    """One button gives the visit, its team and a record that anybody can compute again."""
    place = make.facility()
    page = portal.open(PHONE, script=script, user=clerk)
    page.goto(address("desk:plan", plan.number))
    link(page, "双随机抽取").click()
    button(page, "开始抽取").click()
    says(page, "已安排 1 次检查")
    outbox.drain(wall.forward(minutes=2))
    link(page, "抽取记录").click()
    says(page, "结果一致")
    look(page, script=script)
    record = pdf_text(page, link(page, "PDF"))
    plan.refresh_from_db()
    assert plan.drawing.seed in record
    assert place.code in record
    page.close()
    return Inspection.objects.get(plan=plan)


def pdf_text(page: Page, anchor: Locator) -> str:
    """The words of a paper as a reader program finds them."""
    return paperwork.text_of(page.request.get(anchor.get_attribute("href") or "").body())


# --- the team on the spot -------------------------------------------------------------------------


def arrivals(page: Page) -> list[str]:
    """The questions in the order in which their answers reach the server; it grows as they do."""
    arrived: list[str] = []

    def note(request: Any) -> None:
        found = ITEM.search(request.post_data_buffer or b"")
        if request.url.endswith("/answer/") and found and found[1].decode() not in arrived:
            arrived.append(found[1].decode())

    page.context.on("requestfinished", note)
    return arrived


def cut_in_the_middle(page: Page, visit: Inspection, codes: list[str]) -> None:
    """The network goes in the middle of the list; what fails after that waits with its picture."""
    go_through(page, FAILED, codes[len(codes) // 2])
    count_heads(page)
    expect(page.locator(WORDS)).to_contain_text("没有网络")
    assert visit.answers.count() < len(codes)
    look(page)


def all_is_safe(page: Page, questions_given: int) -> None:
    """Every answer and every picture is on the server, and the page says so."""
    every = questions_given + len(FAILED)
    expect(page.locator(WORDS)).to_have_text(
        f"{every} 项中 {every} 项已保存到服务器", timeout=60_000
    )


def fill_part_after_part(page: Page, visit: Inspection) -> None:
    """As long as there are parts: a key question that fails brings more of them."""
    number = 1
    while number <= len(visits.sections_of(visit)):
        part = page.locator(f"#part-{number}")
        for question in part.locator("[data-item]").all():
            code = question.get_attribute("data-item") or ""
            give(question, "fail" if code in FAILED else "pass")
            if code in FAILED:
                describe(question, FAILED[code])
        part.get_by_role("button", name="保存，下一部分").click()
        number += 1
        page.wait_for_url(f"**#part-{number}")


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


@pytest.mark.proves("prod:F2", "prod:F12", "diff:14")
def test_the_connection_comes_back_on_the_page_that_stands_open(portal: Portal) -> None:
    """What waited is counted on the page and goes up by itself, in the order it was given."""
    visit = make.on_site(make.inspector())
    page = portal.open(PHONE, user=make.lead_of(visit))
    page.goto(address("desk:field_check", visit.number))
    arrived, words = arrivals(page), page.locator(WORDS)
    page.context.set_offline(True)
    codes = [question.get_attribute("data-item") for question in questions(page)]
    failing, *clean = reversed(questions(page))
    fail(failing, "晨检记录缺2天")
    for question in clean:
        give(question, "pass")
    expect(failing.locator("[data-photos]")).to_contain_text("等待上传")
    # The failure, its words and its picture are three.
    expect(words).to_contain_text(f"没有网络，{len(codes) + 2} 项存在手机里，有网络后自动上传")
    assert not visit.answers.exists()
    page.context.set_offline(False)
    every = len(codes) + 1
    expect(words).to_have_text(f"{every} 项中 {every} 项已保存到服务器", timeout=30_000)
    expect(failing.locator("[data-photos]")).to_contain_text("照片已保存到服务器")
    assert arrived == codes[::-1]
    assert {given.item.code for given in visit.answers.all()} == set(codes)
    assert Attachment.objects.of(visit).count() == 1


# What a phone does that is full: each write is taken, and undone when the transaction ends.
FULL = """
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...given) {
  const request = put.apply(this, given);
  request.addEventListener("success", () => this.transaction.abort());
  return request;
};
"""


@pytest.mark.proves("prod:F6")
def test_on_a_phone_that_is_full_nothing_is_lost_while_the_page_is_open(portal: Portal) -> None:
    visit = make.on_site(make.inspector())
    page = portal.open(PHONE, user=make.lead_of(visit))
    page.add_init_script(FULL)
    page.goto(address("desk:field_check", visit.number))
    page.context.set_offline(True)
    question = questions(page)[0]
    fail(question, "晨检记录缺2天")
    expect(question.locator("[data-photos]")).to_contain_text("照片没有存到手机上")
    expect(page.locator(WORDS)).to_contain_text("不能暂存内容")
    page.context.set_offline(False)
    expect(page.locator(WORDS)).to_have_text("2 项中 2 项已保存到服务器", timeout=60_000)
    expect(question.locator("[data-photos]")).to_contain_text("照片已保存到服务器")
    assert visit.answers.count() == Attachment.objects.of(visit).count() == 1


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
    page.wait_for_url("**more=*")
    expect(page.locator("#heads")).to_be_hidden()  # opened at the first part again
    while not page.locator("#heads").is_visible():
        for question in questions(page):
            if not question.locator("input[type=radio]:checked").count():
                give(question, "pass")
        page.locator("[data-next]").click()
    all_is_safe(page, len(visits.items_of(visit)))


def begin(page: Page, visit: Inspection, *, script: bool = True) -> None:
    """From the day's list through the door."""
    page.goto(address("desk:field"))
    look(page, script=script)
    link(page, visit.facility.name).click()
    look(page, script=script)
    button(page, "开始检查").click()
    heading(page, "亮证和到场")
    look(page, script=script)
    answer(page, {"access": "granted", "certificate_shown": True, "attendant": "示例"})
    button(page, "保存，继续").click()
    heading(page, "现场检查")
    look(page, script=script)


def to_the_papers(page: Page, visit: Inspection, *, script: bool = True) -> None:
    """Look over it, sign, have the papers made."""
    link(page, "核对并结束").click()
    look(page, script=script)
    button(page, "结束检查，去签字").click()
    page.wait_for_url("**/sign/", timeout=30_000)
    heading(page, "签字确认")
    look(page, script=script)
    everybody_signs(page, script=script)
    button(page, "确认并生成文书").click()
    heading(page, visit.facility.name)
    look(page, script=script)
    visit.refresh_from_db()
    assert visit.state == "completed"


def everybody_signs(page: Page, *, script: bool) -> None:
    """Each signature is a form of its own: the name of the facility's person is typed with his."""
    count = page.locator(".sign-place").count()
    for number in range(count):
        place = page.locator(".sign-place").nth(number)
        if number == count - 1:
            place.locator("[name$='-signer']").fill("园长 示例")
        if script:
            draw(page, place)
        else:
            place.locator("input[type=file]").set_input_files(picture("sheet.jpg"))
            save_signature(place)
        expect(page.locator(".sign-place").nth(number)).to_contain_text("已签字")


# --- the facility ---------------------------------------------------------------------------------


def read_and_answered(page: Page, visit: Inspection, *, script: bool = True) -> None:
    """In a browser of his own: papers, receipt, and an answer with a photo to each finding."""
    page.goto(address("my:inspection", visit.number))
    told = papers_of(page)
    assert {"托育机构巡查记录", "检查结果告知书", "安全隐患告知书"} <= set(told)
    for words in FAILED.values():
        assert words in told["托育机构巡查记录"]
        assert words in told["安全隐患告知书"]
    assert "责令" not in "".join(told.values())
    button(page, "确认收到").click()
    look(page, script=script)
    for finding in visit.findings.all():
        page.goto(address("my:finding", finding.number))
        link(page, "提交整改").click()
        answer(page, {"measure": PUT_RIGHT, "done_on": "2026-11-23"})
        page.locator("[name='photo']").set_input_files(picture("after.jpg"))
        button(page, "提交整改").click()
        says(page, "待复查")
        look(page, script=script)
    assert {finding.state for finding in visit.findings.all()} == {"reported"}


def papers_of(page: Page) -> dict[str, str]:
    """The text of each PDF this page offers, by the paper's title."""
    rows = page.get_by_role("main").locator(".file-list li").filter(has_text="PDF")
    return {
        row.locator(".file-name a").inner_text(): pdf_text(
            page, row.get_by_role("link", name="PDF")
        )
        for row in rows.all()
    }


def the_opinions_are_read(page: Page, visit: Inspection) -> None:
    """What was looked at again has a paper of its own."""
    for finding in visit.findings.all():
        page.goto(address("my:finding", finding.number))
        says(page, "已销号")
        (text,) = papers_of(page).values()
        assert FAILED[finding.item_code] in text


# --- looked at again, and public ------------------------------------------------------------------


def looked_at_again(portal: Portal, visit: Inspection, *, script: bool = True) -> None:
    """Another person than the one who found it."""
    page = portal.open(PHONE, script=script, user=make.inspector())
    for finding in visit.findings.all():
        page.goto(address("desk:finding", finding.number))
        says(page, PUT_RIGHT)
        link(page, "复查通过").click()
        answer(page, {"note": "现场已看，符合要求", "how": "site"})
        button(page, "复查通过，销号").click()
        says(page, "已销号")
    assert all(Finding.objects.get(pk=each.pk).closed_on for each in visit.findings.all())


def made_public(
    portal: Portal, wall: Wall, visit: Inspection, clerk: User, *, script: bool = True
) -> None:
    """One proposes what the other reads and puts up; the calendar lets the visit follow."""
    page = portal.open(PHONE, script=script, user=clerk)
    page.goto(address("desk:inspection", visit.number))
    link(page, "提请公示").click()
    button(page, "提请公示").click()
    proposed = Publication.objects.get(noun_id=visit.pk)
    second = portal.open(PHONE, script=script, user=makers.approver())
    second.goto(address("desk:publication", proposed.pk))
    link(second, "公示", exact=True).click()
    button(second, "公示").click()
    says(second, "打开公开页面")
    assert mirror_publications(wall.at) == 1


def read_by_anybody(portal: Portal, visit: Inspection, *, script: bool = True) -> None:
    """The list, the notice and the facility's page; what was found, and that it was put right."""
    page = portal.open(PHONE, script=script)
    page.goto(address("public:disclosure_inspections"))
    link(page, visit.facility.name).click()
    pages = [page.get_by_role("main").inner_text()]
    page.goto(address("public:facility", visit.facility.code))
    pages.append(page.get_by_role("main").inner_text())
    for text in pages:
        for words in FAILED.values():
            assert words in text
    assert pages[0].count("整改完成") == len(FAILED)


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
