"""Daily use on a phone, with and without scripts: the screens and fields people pass are counted.

The journeys are those of product.md §4.1 to §4.3; what is not the point of one is made beforehand.
A screen is a page on which something is asked, each kind once. A field counts when something must
be typed or chosen (product.md §4): not what stands there already, nor what may be left out; the
ticks and cards of one question are one field. What is above the drawing is in ADR 24.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from playwright.sync_api import Page, expect

from facilities import actions
from facilities.forms.safety import TOGETHER
from facilities.models import Facility, Filing
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import User
from tests import makers
from tests.browser import paperwork
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
)

pytestmark = pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a typical facility (independent, rented, two storeys, two classes, no child yet) passes and
# fills in, by screen. ux.md O4 to O10 draw the screens; product.md §4.1 draws 7 of them and
# about 38 fields, 5 a person typed by hand and 2 a file. Counted here exactly: less is welcome too.
FIRST = {
    "my:registration": 9,  # domain.md §1.3, annex 1: who; the credit code tells two more
    "my:premises": 15,  # annex 1: where, how large, whose until when; two classes of two answers
    "my:services": 5,  # annex 1: what, when; 管理规范 art. 15: refunds and one price
    "my:staff": 2,  # one list of people, and the marked rows again
    "my:safety": 8,  # 管理规范 art. 31 and 32, 设置标准 art. 18; guards come from the list
    "my:certificate": 6,  # four papers of §1.2; the code and the end of the lease stand there
    "my:declaration": 2,  # annex 2
}
A_FILE, PAPERS, LEASE = 2, 4, 1
FIRST_FIELDS = 39  # of the facility itself: without its people and papers
# §4.2: 3 screens and 1 to 6 fields for a change.
CHANGE_SCREENS, CHANGE_FIELDS = 3, 6
REVIEW_SCREENS, REVIEW_CLICKS = 2, (4, 12)  # §4.3
CLOSURE_SCREENS, CLOSURE_FIELDS = 3, 10


@dataclass
class Walk:
    """One person's way: on which screens something was asked, and how much was filled in."""

    page: Page
    screens: list[str] = field(default_factory=list)
    fields: int = 0
    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def fill(self, values: dict[str, Any]) -> None:
        """Type or choose these, and count them; what stands there already is not counted."""
        answer(self.page, values)
        together = {name: str(words) for words, names in TOGETHER for name in names}
        self._count(len({together.get(name, name) for name in values}))

    def _count(self, number: int) -> None:
        self.fields += number
        self.asked[self.screen] += number

    @property
    def screen(self) -> str:
        """The kind of page that is open."""
        return str(resolve(urlsplit(self.page.url).path).view_name)

    def reads(self, **values: str) -> None:
        """These stand there already."""
        for name, value in values.items():
            expect(self.page.locator(f"[name='{name}']")).to_have_value(value)

    def hand_in(self, name: str, file: dict[str, Any]) -> None:
        """Choose a file."""
        self.page.locator(f"[name='{name}']").set_input_files(file)  # type: ignore[arg-type]
        self._count(1)

    def press(self, words: str) -> None:
        """Press the button of the screen, and note the screen."""
        assert overflow(self.page) <= 0
        self.screens.append(self.screen)
        button(self.page, words).click()

    def sign_and_send(self, name: str, words: str) -> None:
        """The tick, the name, the button."""
        self.fill({"agreed": True, "declared_name": name})
        self.press(words)

    @property
    def kinds(self) -> set[str]:
        """The screens, each kind once: a section that is saved twice is one screen."""
        return set(self.screens)


def walker(portal: Portal, user: User, *, script: bool) -> Walk:
    """Somebody with a phone, signed in."""
    return Walk(portal.open(PHONE, script=script, user=user))


def owner_of(facility: Facility) -> User:
    """The person who filed for it."""
    return facility.memberships.get().user


def take(filing: Filing, by: User) -> Filing:
    """A clerk takes the filing."""
    return actions.take_filing(filing, by=Actor.person(by), at=makers.AT)


# --- a: the first filing, twelve people by Excel ------------------------------------------------


@pytest.mark.proves("prod:B1", "prod:D1", "ux:5", "ux:55")
def test_the_first_filing_with_twelve_people_by_excel(
    portal: Portal, wall: Wall, script: bool
) -> None:
    walk = walker(portal, makers.operator(), script=script)
    walk.page.goto(address("my:filing_start"))
    button(walk.page, "开始填写").click()  # nothing is asked: §4.1 has one click here
    sections(walk)
    twelve_people(walk)
    papers(walk)
    safety(walk)
    walk.page.get_by_role("main").get_by_role("link", name="核对并提交").last.click()
    link(walk.page, "核对无误，去签承诺书").click()
    walk.sign_and_send("示例负责人", "提交登记报送")
    heading(walk.page, "登记报送已提交")
    filing = Filing.objects.get()
    assert (filing.state, len(filing.sections.get(key="staff").answers["staff"])) == (
        "submitted", 12,
    )  # fmt: skip
    assert dict(walk.asked) == FIRST
    assert walk.kinds == set(FIRST)
    aside = FIRST["my:staff"] + FIRST["my:certificate"]
    assert walk.fields - aside == FIRST_FIELDS
    assert FIRST["my:certificate"] <= A_FILE * PAPERS


def sections(walk: Walk) -> None:
    """The sections about the facility, a page each; what may be left out is left out."""
    given = makers.registration_answers()
    for name in ("short_name", "chain_name", "is_affordable", "legal_form", "manager_phone",
                 "registration_authority"):  # fmt: skip
        del given[name]
    link(walk.page, "登记信息").click()
    walk.fill(given)
    walk.press("保存并继续")
    premises = makers.premises_answers()
    del premises["has_basement"]
    rows = {"classes": [only(row, "class_type", "capacity") for row in premises.pop("classes")]}
    one_page(walk, "场所与托位", premises, rows, "再加一班")
    services = makers.services_answers(service_forms=["full_day"])
    rows = {"fees": [only(services["fees"][0], "amount")]}
    said = only(services, "service_forms", "opens_at", "closes_at", "refund_rule")
    link(walk.page, "服务与收费").click()
    walk.reads(age_from="12", age_to="36", **{"fees-0-name": "保育费", "fees-0-unit": "月"})
    walk.page.go_back()
    one_page(walk, "服务与收费", said, rows, "")


def safety(walk: Walk) -> None:
    """After the people: the guard is on their list. Nothing has been drilled yet."""
    given = makers.safety_answers(drills=0)
    for name in ("guards", "guards_certified", "drills", "last_drill_on"):
        del given[name]
    link(walk.page, "视频监控与安保").click()
    walk.reads(guards="1", guards_certified="1")
    walk.page.go_back()
    one_page(walk, "视频监控与安保", given, {}, "")


def only(values: dict[str, Any], *names: str) -> dict[str, Any]:
    """These of the values."""
    return {name: values[name] for name in names}


def one_page(
    walk: Walk, name: str, values: dict[str, Any], rows: dict[str, Any], more: str
) -> None:
    """A section with its rows."""
    link(walk.page, name).click()
    walk.fill(_plain(values))
    for prefix, listed in rows.items():
        for number, row in enumerate(listed):
            if number:
                walk.press(more)
            expect(walk.page.locator(f"[name^='{prefix}-{number}-']").first).to_be_visible()
            walk.fill(_plain({f"{prefix}-{number}-{key}": value for key, value in row.items()}))
    walk.press("保存并继续")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, list) else str(v) for k, v in values.items()}


def twelve_people(walk: Walk) -> None:
    """Three rows are faulty: the others come in, the marked file is mended and comes in too."""
    posts = ["manager", "health", "guard", *["carer"] * 9]
    people = [makers.staff_person(f"示例{n}号", post) for n, post in enumerate(posts)]
    faulty = [dict(person) for person in people]
    faulty[3]["identity"] = people[3]["identity"][:-1] + "?"
    faulty[7]["identity"] = people[6]["identity"]
    faulty[9]["post"] = "护士"
    page = walk.page
    link(page, "工作人员").click()
    walk.hand_in("workbook", sheet(paperwork.staff_sheet(faulty)))
    walk.press("导入")
    report = page.locator("section[aria-labelledby='report']")
    expect(report).to_contain_text("新增 9 人")
    expect(report).to_contain_text("3 行需要改，没有导入")
    expect(report).to_contain_text("与“示例6号”的身份证号相同，请核对")
    with page.expect_download() as download:
        button(page, "下载标出问题的文件").click()
    marked = download.value.path().read_bytes()
    right = {person["name"]: person for person in people}
    walk.hand_in("workbook", sheet(paperwork.mended(marked, right)))
    walk.press("导入")
    expect(report).to_contain_text("新增 3 人")
    expect(report).to_contain_text("0 行需要改")
    heading(page, "工作人员")
    says(page, "名单（12 人）")
    expect(page.locator("#staffing")).to_contain_text("岗位和配比都够")
    walk.press("保存并继续")


def sheet(content: bytes) -> dict[str, Any]:
    """A workbook as a browser takes it."""
    return {"name": "人员.xlsx", "mimeType": SHEET, "buffer": content}


def papers(walk: Walk) -> None:
    """Each paper that is missing: what it must say and does not yet, and one file."""
    page = walk.page
    link(page, "证照材料").click()
    page.locator(".tasklist li").filter(has_text="未开始").first.get_by_role("link").click()
    for number in range(PAPERS):
        expect(page).to_have_url(re.compile(r"/certificates/[a-z_]+/$"))
        content = makers.jpeg().read()
        file = {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": content}
        walk.hand_in("picture", file)
        if number == LEASE:
            walk.reads(valid_until="2030-04-30")
        elif not page.locator("[name='number']").input_value():
            walk.fill({"number": f"示例-{number}"})
        walk.press("保存并继续")
    says(page, "材料齐了")
    link(page, "材料齐了，返回任务清单").click()


# --- b: a correction and back -------------------------------------------------------------------


@pytest.mark.proves("ux:16", "ux:12", "prod:B12")
def test_a_correction_shows_the_old_beside_the_new(
    portal: Portal, wall: Wall, script: bool
) -> None:
    clerk, person = makers.clerk(), makers.operator()
    filing = take(makers.submitted_filing(person), clerk)
    by = Actor.person(clerk)
    asked = ("premises", "address", "地址请写到门牌号和楼层")
    actions.add_correction(filing, *asked, by=by, at=makers.AT)
    actions.request_correction(filing, by=by, at=makers.AT)
    outbox.drain(wall.forward(hours=1))

    walk = walker(portal, person, script=script)
    page = walk.page
    page.goto(address("my:home"))
    page.locator("section[aria-labelledby='unread'] button").first.click()
    says(page, "补正下面的内容，再重新提交")
    link(page, "场所与托位").click()
    says(page, "地址请写到门牌号和楼层")
    expect(page.locator("[name='address']")).to_have_value("龙泉路18号")
    walk.fill({"address": "龙泉路18号一层至二层"})
    walk.press("保存并继续")
    page.get_by_role("main").get_by_role("link", name="核对并提交").last.click()
    link(page, "核对无误，去签承诺书").click()
    walk.sign_and_send("示例负责人", "提交登记报送")
    heading(page, "登记报送已提交")
    assert (len(walk.kinds), walk.fields) == (2, 3)

    read_again(portal.open(DESK, script=script, user=clerk), filing)


def read_again(desk: Page, filing: Filing) -> None:
    """The clerk sees the one thing that changed, old beside new, and nothing else marked."""
    desk.goto(address("desk:filing", filing.number))
    if button(desk, "开始审核").count():
        button(desk, "开始审核").click()
    panel = desk.locator("section[aria-labelledby='section-premises']")
    expect(panel).to_contain_text("与上次相比改了 1 处")
    expect(panel.locator("del")).to_have_text("龙泉路18号")
    expect(panel).to_contain_text("龙泉路18号一层至二层")
    expect(desk.locator("del")).to_have_count(1)


# --- c: changes ---------------------------------------------------------------------------------


@pytest.mark.proves("prod:B15", "diff:22")
def test_a_new_manager(portal: Portal, wall: Wall, script: bool) -> None:
    facility = makers.facility()
    walk = change(portal, facility, "manager", script=script)
    expect(walk.page.locator("[name='manager']")).to_have_value("示例负责人")
    walk.fill({"manager": "新负责人"})
    check_and_send(walk, "示例负责人", "新负责人")
    within(walk)
    decided(portal, wall, script=script)
    facility.refresh_from_db()
    assert facility.manager == "新负责人"


@pytest.mark.proves("prod:B15", "diff:22")
def test_other_places(portal: Portal, wall: Wall, script: bool) -> None:
    facility = makers.facility()
    walk = change(portal, facility, "classes", script=script)
    expect(walk.page.locator("[name='classes-0-capacity']")).to_have_value("15")
    walk.fill({"classes-0-capacity": "12"})
    check_and_send(walk, "托位 15 个", "托位 12 个")
    within(walk)
    decided(portal, wall, script=script)
    facility.refresh_from_db()
    assert facility.places == 32


def change(portal: Portal, facility: Facility, tile: str, *, script: bool) -> Walk:
    """From the own place to the page of what changed; the rest is there already."""
    walk = walker(portal, owner_of(facility), script=script)
    walk.page.goto(address("my:home"))
    link(walk.page, "报送变更").first.click()
    walk.page.locator(f"[name='tiles'][value='{tile}']").check()
    walk.fields += 1
    walk.press("下一步")
    return walk


def check_and_send(walk: Walk, old: str, new: str) -> None:
    """Old beside new, and nothing that did not change."""
    walk.press("保存并继续")
    says(walk.page, old)
    says(walk.page, new)
    expect(walk.page.get_by_role("main")).not_to_contain_text("统一社会信用代码")
    walk.sign_and_send("新负责人", "提交变更报送")
    assert Filing.objects.get(kind="change").state == "submitted"


def within(walk: Walk) -> None:
    """product.md §4.2."""
    assert len(walk.screens) <= CHANGE_SCREENS, walk.screens
    assert 1 <= walk.fields <= CHANGE_FIELDS


def decided(portal: Portal, wall: Wall, *, script: bool) -> None:
    """Two officials, each on two screens (§4.3)."""
    filing = Filing.objects.exclude(kind="initial").get()
    clerk, approver = makers.clerk(), makers.approver()
    walk = Walk(portal.open(DESK, script=script, user=clerk))
    desk = walk.page
    desk.goto(address("desk:filing", filing.number))
    walk.press("开始审核")
    link(desk, "提出经办意见").click()
    walk.fill({"proposal": "register"})
    if desk.locator("[name='confirmed']").count():
        walk.fill({"confirmed": True})
    walk.press("提交审定")
    if desk.get_by_text("项没有核对结论").count():
        desk.get_by_label("这些项不再逐项核对").check()
        walk.fields += 1
        walk.press("提交审定")
    says(desk, "须由另一人审定")
    clicks = len(walk.screens) + walk.fields + 1  # and the one link
    assert len(walk.kinds) <= REVIEW_SCREENS, walk.kinds
    assert REVIEW_CLICKS[0] <= clicks <= REVIEW_CLICKS[1]
    second = portal.open(DESK, script=script, user=approver)
    second.goto(address("desk:register", filing.number))
    second.locator("main form .btn-primary").click()
    expect(second).to_have_url(re.compile(r"/decided/"))
    filing.refresh_from_db()
    assert filing.state == "registered"


# --- d: the end ---------------------------------------------------------------------------------


@pytest.mark.proves("prod:B16")
def test_a_closure(portal: Portal, wall: Wall, script: bool) -> None:
    facility = makers.facility()
    walk = walker(portal, owner_of(facility), script=script)
    page = walk.page
    page.goto(address("my:home"))
    link(page, "报送停办").first.click()
    walk.press("开始填写停办安排")
    walk.fill(
        {
            "closing_on": "2027-01-31", "reason": "场地租约到期", "children": "29",
            "children_plan": "20 人转到另一家机构，9 人回家", "parents_told_on": "2026-12-01",
            "staff_plan": "依法解除合同并结清工资", "refund_plan": "停办前退完",
            "records_plan": "由法定代表人保管三年",
        }
    )  # fmt: skip
    walk.press("保存并继续")
    says(page, "2027")
    says(page, "20 人转到另一家机构")
    walk.sign_and_send("示例法人", "提交停办报送")
    assert len(walk.screens) <= CLOSURE_SCREENS, walk.screens
    assert walk.fields <= CLOSURE_FIELDS
    decided(portal, wall, script=script)
    facility.refresh_from_db()
    assert facility.closes_on.isoformat() == "2027-01-31"
    page.goto(address("my:filing", Filing.objects.get(kind="closure").number))
    says(page, "停办日期")
    link(page, "撤回停办").click()
    button(page, "确认撤回停办").click()
    says(page, "已撤回停办，机构继续运营")
    facility.refresh_from_db()
    assert facility.closes_on is None
