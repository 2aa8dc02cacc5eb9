"""Residents and staff, with and without scripts: an abuse report, a matter of fees, a call."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from django.core.cache import caches
from playwright.sync_api import Page, expect

from complaints.models import Complaint, ComplaintFile
from facilities.models import Facility, Transfer
from inspections.queries import visits
from portal.core import outbox
from portal.core.models import Notification, User
from tests import makers
from tests.browser.browsing import (
    DESK,
    PHONE,
    Portal,
    Wall,
    address,
    answer,
    button,
    heading,
    link,
    overflow,
    says,
    violations,
)
from tests.browser.paperwork import knows_its_place, photograph
from tests.complaints import makers as cases
from tests.inspections import makers as supervision

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"]),
]
STORY = "昨天下午接孩子时看到老师推搡小朋友，孩子回家后一直哭。"


def look(page: Page, name: str, *, script: bool) -> None:
    """Narrow enough and readable by axe; kept as a picture when asked for."""
    assert overflow(page) <= 0
    if script:
        assert violations(page) == []
    if folder := os.environ.get("LOOK_INTO"):
        Path(folder).mkdir(exist_ok=True)
        page.screenshot(path=f"{folder}/{name}-{page.viewport_size['width']}.png", full_page=True)


def tell(page: Page, place: Facility, *, script: bool) -> tuple[str, str]:
    """By the list of matters, anonymous; answers with number and code."""
    page.goto(address("complaints:start"))
    expect(page.get_by_role("main").locator("a[href='tel:110']").first).to_be_visible()
    look(page, "start", script=script)
    link(page, "开始填写").click()
    answer(page, {"category": "C1"})
    look(page, "topic", script=script)
    button(page, "继续").click()
    heading(page, "孩子现在有危险吗")
    look(page, "danger", script=script)
    link(page, "继续填写").click()
    find(page, place)
    answer(page, {"happened": STORY})
    photo = {"name": "家里.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    page.set_input_files("[name=file]", photo)
    button(page, "添加这个文件").click()
    says(page, "家里.jpg")
    look(page, "urgent", script=script)
    button(page, "继续").click()
    says(page, STORY)
    look(page, "check", script=script)
    button(page, "提交投诉").click()
    heading(page, "投诉已提交")
    look(page, "done", script=script)
    return page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text()


def find(page: Page, place: Facility) -> None:
    """Two characters find the place."""
    answer(page, {"q": place.name[:2]})
    button(page, "查找").click()
    answer(page, {"choice": place.code})


@pytest.mark.proves("ux:5", "ux:13", "prod:K2", "prod:L2", "prod:L3")
def test_an_anonymous_report_is_told_tracked_and_answered(
    portal: Portal, wall: Wall, script: bool
) -> None:
    caches["budgets"].clear()
    place, duty, second = makers.facility(), cases.duty(), cases.duty()
    page = portal.open(PHONE, script=script)
    number, code = tell(page, place, script=script)
    button(page, "我已保存，查看进度").click()
    says(page, "我们已收到，正在查看")
    desk = alarmed(portal, number, duty, wall, script=script)
    reported(desk, script=script)
    other = opened_elsewhere(portal, number, code, script=script)
    link(other, "回答提问").click()
    answer(other, {"text": "小班的老师"})
    button(other, "发送").click()
    says(other, "小班的老师")
    visited(desk, number)
    closed(desk, portal.open(DESK, script=script, user=second), "已由公安机关依法处理。")
    other.reload()
    dissatisfied(other)
    button(other, "退出，不留在这台设备上").click()
    other.goto(address("complaints:track"))
    expect(other.get_by_role("main")).not_to_contain_text(number)


def more(page: Page, act: str) -> None:
    """One of the acts of a case that stand behind its first one."""
    page.locator("summary", has_text="更多办理").click()
    link(page, act, exact=True).click()


def alarmed(portal: Portal, number: str, duty: User, wall: Wall, *, script: bool) -> Page:
    """It rings at the duty person, who opens it; the photo no longer knows where it was taken."""
    outbox.drain(wall.at)
    assert Notification.objects.filter(to=duty, kind="complaint.alarm").count() == 1
    desk = portal.open(DESK, script=script, user=duty)
    desk.goto(address("desk:complaints"))
    says(desk, "还没有人确认")
    desk.locator("tr", has_text=number).get_by_role("link").first.click()
    says(desk, STORY)
    photo = ComplaintFile.objects.get()
    kept = desk.request.get(address("desk:complaint_file", photo.complaint_id, photo.pk))
    assert kept.ok
    assert not knows_its_place(kept.body())
    link(desk, "确认收到").click()
    button(desk, "确认收到").click()
    return desk


def reported(desk: Page, *, script: bool) -> None:
    """Not taken on before the police knows of it; then a question, and a visit is opened."""
    says(desk, "紧急举报，还没有记录报告")
    expect(link(desk, "受理", exact=True)).to_have_count(0)
    link(desk, "记向公安或主管部门报告").click()
    answer(desk, {"organ": "police", "unit": "示例派出所", "reference": "JJ-1123-08",
                  "reported_at": "2026-11-23 09:00"})  # fmt: skip
    button(desk, "记下报告").click()
    says(desk, "JJ-1123-08")
    link(desk, "受理", exact=True).click()
    answer(desk, {"severity": "critical", "title": "老师对待孩子的方式"})
    button(desk, "受理").click()
    more(desk, "向投诉人提问")
    answer(desk, {"text": "是哪个班的老师？"})
    button(desk, "发出提问").click()
    says(desk, "已发出提问")
    look(desk, "desk-case", script=script)


def opened_elsewhere(portal: Portal, number: str, code: str, *, script: bool) -> Page:
    """Another device: the QR brings the number behind #, the code is typed."""
    other = portal.open(DESK, script=script)
    other.goto(f"{address('complaints:track')}#{number}")
    if script:
        expect(other.locator("[name=number]")).to_have_value(number)
        assert "#" not in other.url
    answer(other, {"number": number, "code": code})
    look(other, "track", script=script)
    button(other, "查询").click()
    says(other, "是哪个班的老师？")
    look(other, "case", script=script)
    return other


def visited(desk: Page, number: str) -> None:
    """An unannounced visit is opened from the case; what it found stands there."""
    desk.reload()
    says(desk, "小班的老师")
    more(desk, "安排检查")
    button(desk, "安排检查").click()
    visit = Complaint.objects.get(number=number).inspection
    failed = visits.items_of(visit)[0]
    supervision.over(visit, failed.code)
    desk.goto(desk.url.partition("?")[0] + "?tab=work")
    says(desk, visit.number)
    says(desk, failed.text)


def closed(desk: Page, second: Page, text: str) -> None:
    """Answered, by two people."""
    case = desk.url.partition("?")[0]
    desk.goto(case)
    link(desk, "提出答复").click()
    answer(desk, {"result": "upheld", "evidence": "现场检查和有关部门的情况",
                  "text": text})  # fmt: skip
    button(desk, "送另一人审签").click()
    expect(link(desk, "审签答复")).to_have_count(0)
    second.goto(case)
    link(second, "审签答复").click()
    says(second, text)
    button(second, "同意，答复投诉人").click()
    says(second, "已办结")


def dissatisfied(page: Page) -> None:
    """Not solved: rated so, and a review asked for."""
    says(page, "已由公安机关依法处理。")
    link(page, "评价办理结果").click()
    answer(page, {"solved": "no", "satisfaction": "poor"})
    button(page, "提交评价").click()
    link(page, "申请复核").click()
    answer(page, {"text": "没有解决"})
    button(page, "申请复核").click()
    says(page, "已收到您的复核申请")


@pytest.mark.proves("prod:J11", "prod:L6", "prod:K15")
def test_a_named_complaint_about_fees_goes_to_the_market_regulator(
    portal: Portal, wall: Wall, script: bool
) -> None:
    caches["budgets"].clear()
    place, handler, approver = makers.facility(), cases.handler(), makers.approver()
    page = portal.open(PHONE, script=script)
    number = tell_named(page, place)
    button(page, "我已保存，查看进度").click()
    desk = portal.open(DESK, script=script, user=handler)
    desk.goto(address("desk:complaints"))
    desk.locator("tr", has_text=number).get_by_role("link").first.click()
    link(desk, "受理", exact=True).click()
    answer(desk, {"severity": "major", "title": "餐费没有公示", "summary": "收费项目没有公示。"})
    button(desk, "受理").click()
    more(desk, "转有关部门")
    says(desk, "问题线索移送函")
    answer(desk, {"department": "market", "facts": "收费项目没有公示。"})
    button(desk, "发出移送函").click()
    says(desk, "已发出移送函")
    says_of_the_regulator(desk, Transfer.objects.get().number)
    look(desk, "desk-work", script=script)
    closed(
        desk,
        portal.open(DESK, script=script, user=approver),
        "已责令公示收费项目并退还多收的餐费。",
    )
    page.reload()
    says(page, "已责令公示收费项目并退还多收的餐费。")


def tell_named(page: Page, place: Facility) -> str:
    """Six screens, with name and phone; answers with the number."""
    page.goto(address("complaints:topic"))
    answer(page, {"category": "C8"})
    button(page, "继续").click()
    find(page, place)
    button(page, "继续").click()
    answer(page, {"happened": "开学交的餐费和公示的不一样，问了几次都没有说法。"})
    button(page, "继续").click()
    button(page, "没有材料，继续").click()
    answer(page, {"way": "named"})
    answer(page, {"name": "示例家长", "phone": cases.CONTACT["phone"]})
    button(page, "继续").click()
    button(page, "提交投诉").click()
    return page.locator("#receipt-number").inner_text()


def says_of_the_regulator(desk: Page, letter: str) -> None:
    """Receipt and result are noted; who complained stays masked on every tab."""
    case = desk.url.partition("?")[0]
    for act, words in (("记回执", {}), ("记反馈", {"result": "责令公示，退还多收的餐费"})):
        desk.goto(f"{case}?tab=work")
        says(desk, letter)
        link(desk, act, exact=True).click()
        answer(desk, {"on": "2026-11-23", **words})
        button(desk, act.replace("记", "记下")).click()
    desk.goto(f"{case}?tab=people")
    says(desk, "*")
    expect(desk.locator("body")).not_to_contain_text(cases.CONTACT["phone"])
    desk.goto(f"{case}?tab=work")
    says(desk, "责令公示，退还多收的餐费")


@pytest.mark.proves("prod:J11", "prod:L1")
def test_somebody_who_calls_is_heard_at_the_counter(
    portal: Portal, wall: Wall, script: bool
) -> None:
    """Staff type while the person speaks; the slip is all that is needed to look it up later."""
    place, clerk, handler = makers.facility(), makers.clerk(), cases.handler()
    desk = portal.open(DESK, script=script, user=clerk)
    desk.goto(address("desk:complaint_new"))
    look(desk, "counter", script=script)
    button(desk, "登记并打印回单").click()  # nothing is typed yet: told so, nothing is stored
    says(desk, "请选择来源")
    answer(desk, {"channel": "phone", "category": "C7", "code": place.code,
                  "happened": "孩子说中午的饭是凉的，问老师说厨房的炉子坏了。",
                  "name": "示例家长", "phone": cases.CONTACT["phone"]})  # fmt: skip
    button(desk, "登记并打印回单").click()
    heading(desk, "投诉举报回单")
    number, code = (each.inner_text() for each in desk.locator("strong.number").all())
    assert re.fullmatch(r"(\w{4} ){3}\w{4}", code)
    look(desk, "slip", script=script)
    told = portal.open(PHONE, script=script)
    told.goto(address("complaints:track"))
    answer(told, {"number": number, "code": code})
    button(told, "查询").click()
    says(told, "我们已收到，正在查看")
    same = portal.open(DESK, script=script, user=handler)
    same.goto(address("desk:complaints"))
    same.locator("tr", has_text=number).get_by_role("link").first.click()
    says(same, "厨房的炉子坏了")
    expect(link(same, "受理", exact=True)).to_be_visible()


@pytest.mark.proves("prod:L3")
def test_leaving_without_having_saved_asks_once(portal: Portal, wall: Wall, script: bool) -> None:
    if not script:
        pytest.skip("the question is the script's; the code stays on its page until confirmed")
    caches["budgets"].clear()
    page = portal.open(PHONE)
    tell(page, makers.facility(), script=False)
    asked: list[str] = []
    page.on("dialog", lambda box: (asked.append(box.type), box.accept()))
    page.locator("h1").click()  # the browser asks only for a page somebody has touched
    page.goto(address("public:home"))
    assert asked == ["beforeunload"]
