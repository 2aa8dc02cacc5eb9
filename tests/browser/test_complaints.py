"""A resident with a phone, with and without scripts: an abuse report from the box to the answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.cache import caches
from playwright.sync_api import Page, expect

from complaints import actions
from complaints.models import Complaint
from portal.core.models import User
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
from tests.complaints import makers as cases

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


def tell(page: Page, *, script: bool) -> tuple[str, str]:
    """The seven screens; answers with number and code."""
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
    answer(page, {"choice": "other", "place_name": "路口托育园（示例）"})
    look(page, "facility", script=script)
    button(page, "继续").click()
    answer(page, {"happened": STORY})
    look(page, "details", script=script)
    button(page, "继续").click()
    photo = makers.jpeg("家里.jpg")
    page.set_input_files("[name=file]", {
        "name": photo.name, "mimeType": "image/jpeg", "buffer": photo.read(),
    })  # fmt: skip
    button(page, "添加这个文件").click()
    look(page, "evidence", script=script)
    button(page, "继续").click()
    look(page, "contact", script=script)
    button(page, "继续").click()
    says(page, STORY)
    look(page, "check", script=script)
    button(page, "提交投诉").click()
    heading(page, "投诉已提交")
    look(page, "done", script=script)
    return page.locator("#receipt-number").inner_text(), page.locator("#receipt-code").inner_text()


@pytest.mark.proves("ux:5", "ux:13", "prod:L2", "prod:L3")
def test_an_anonymous_report_is_told_tracked_and_answered(
    portal: Portal, wall: Wall, script: bool
) -> None:
    caches["budgets"].clear()
    duty, second = cases.duty(), cases.duty()
    page = portal.open(PHONE, script=script)
    number, code = tell(page, script=script)
    button(page, "我已保存，查看进度").click()
    says(page, "我们已收到，正在查看")
    made = taken(Complaint.objects.get(number=number), duty, wall)
    other = opened_elsewhere(portal, number, code, script=script)
    link(other, "回答提问").click()
    answer(other, {"text": "小班的老师"})
    button(other, "发送").click()
    says(other, "小班的老师")
    closed(made, duty, second, wall)
    other.reload()
    dissatisfied(other)
    button(other, "退出，不留在这台设备上").click()
    other.goto(address("complaints:track"))
    expect(other.get_by_role("main")).not_to_contain_text(number)


def taken(made: Complaint, duty: User, wall: Wall) -> Complaint:
    """Reported to the police, accepted, and a question asked."""
    actions.record_report(made, cases.report(), by=cases.actor(duty), at=wall.at)
    made.refresh_from_db()
    made = actions.accept_complaint(made, "critical", by=cases.actor(duty), at=wall.at)
    made = actions.assign_complaint(made, duty, by=cases.actor(duty), at=wall.at)
    actions.ask_complainant(made, "是哪个班的老师？", by=cases.actor(duty), at=wall.at)
    return made


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


def closed(made: Complaint, duty: User, second: User, wall: Wall) -> None:
    """Answered, by two people."""
    made.refresh_from_db()
    made = actions.propose_reply(
        made, "cannot_tell", "向公安机关了解", "已由公安机关依法处理。",
        by=cases.actor(duty), at=wall.at,
    )  # fmt: skip
    actions.approve_reply(made, by=cases.actor(second), at=wall.at)


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


@pytest.mark.proves("prod:L3")
def test_leaving_without_having_saved_asks_once(portal: Portal, wall: Wall, script: bool) -> None:
    if not script:
        pytest.skip("the question is the script's; the code stays on its page until confirmed")
    caches["budgets"].clear()
    page = portal.open(PHONE)
    tell(page, script=False)
    asked: list[str] = []
    page.on("dialog", lambda box: (asked.append(box.type), box.accept()))
    page.locator("h1").click()  # the browser asks only for a page somebody has touched
    page.goto(address("public:home"))
    assert asked == ["beforeunload"]
