"""A whole round in the browser, from the draw to the re-rating; every sum is worked out apart.

Five evaluators, four facilities: one evaluator stays away from one facility, one facility fails a
basic item, one item has scores far apart, one objection is upheld. People's acts are done on their
pages; the many scores nobody would look at are given through the acts.
"""

from __future__ import annotations

import os
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from evaluations import actions, tasks
from evaluations.models import Meeting, Moderation, Objection
from portal.core.actors import Actor
from portal.core.models import Publication, User
from tests.browser.browsing import (
    DESK,
    PHONE,
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
from tests.evaluations import makers as own

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN, BASIC_FAILED, OBJECTS, SHORT_HANDED = range(4)
SHARES = ("1", "1", "0.91", "0.7")
WIDE, VETO, OBJECTED = "4.1.1", "7.1.1", "6.1.1"
AGREED, UPHELD = Decimal(45), Decimal(100)
LIMITS = (("A", 900), ("B", 800), ("C", 600), ("D", 0))


# --- the sums, worked out apart -------------------------------------------------------------------


def given_by(seat: int, facility: int) -> dict[str, dict[str, Any]]:
    """What the evaluator of a seat gives a facility: no two alike, none far apart but one."""
    found: dict[str, dict[str, Any]] = {}
    for n, leaf in enumerate(own.small_tree()[1]):
        halves = int(leaf.points * Decimal(SHARES[facility]) * 2) - (2 * seat * seat + seat * n) % 7
        found[leaf.code] = {"points": Decimal(halves) / 2, "reason": "有记录"}
        if leaf.is_veto:
            found[leaf.code]["is_met"] = True
    if facility == BASIC_FAILED:
        found[VETO] = {"points": Decimal(0), "reason": "没有登记", "is_met": False}
    if facility == PLAIN and seat == 1:
        found[WIDE] = {"points": Decimal(20), "reason": "没有看到台账"}
    return found


def sum_of(facility: int, *, agreed: dict[str, Decimal]) -> Decimal:
    """The total: without the highest and the lowest of five, the mean; else what was agreed."""
    seats = range(4) if facility == SHORT_HANDED else range(5)
    sheets = [given_by(seat, facility) for seat in seats]
    total = Fraction(0)
    for code in sheets[0]:
        values = sorted(Fraction(sheet[code]["points"]) for sheet in sheets)
        kept = values[1:-1] if len(values) == 5 else values
        total += Fraction(agreed[code]) if code in agreed else sum(kept) / len(kept)
    exact = Decimal(total.numerator) / Decimal(total.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def grade_of(total: Decimal) -> str:
    return next(grade for grade, least in LIMITS if total >= least)


# --- the round ------------------------------------------------------------------------------------


def look(page: Page, name: str, *, closely: bool = False) -> None:
    """Narrow enough; kept as a picture when asked for. Every page is read by axe elsewhere."""
    assert overflow(page) <= 0, name
    if closely:
        assert violations(page) == [], name
    if folder := os.environ.get("LOOK_INTO"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def press(page: Page, name: str, *args: Any, word: str) -> None:
    """The page of an act, and its button."""
    page.goto(address(name, *args))
    button(page, word).click()
    expect(page.locator(".messages, [role=status], [role=alert]").first).to_be_attached()


def later(portal: Portal, wall: Wall, people: dict[Page, User], *, days: int) -> None:
    """Days pass, and everybody signs in again."""
    wall.forward(days=days)
    for page, person in people.items():
        portal.sign_in(page.context, client_of(person))


def scored(portal: Portal, stage: own.Stage, wall: Wall) -> None:
    """One pledges, stays away, or types on a phone; the rest comes through the acts."""
    typist, leaver = stage.seats[1], stage.seats[4]
    for seat in stage.seats:
        if seat != typist:
            actions.pledge(seat, own.PLEDGE, by=own.actor(stage.user(seat)), at=wall.at)
    stays_away(portal, stage, leaver)
    types(portal, stage, typist, wall)
    for facility in range(4):
        for n, seat in enumerate(stage.seats):
            if stage.sheet(seat, facility).state in {"not_started", "in_progress"}:
                own.score(stage, seat, facility, given_by(n, facility), at=wall.at)


def stays_away(portal: Portal, stage: own.Stage, leaver: Any) -> None:
    """From then on the facility is not there for him."""
    page = portal.open(PHONE, user=stage.user(leaver))
    sheet = stage.sheet(leaver, SHORT_HANDED)
    page.goto(address("panel:dossier", sheet.pk))
    link(page, "申请回避").click()
    answer(page, {"ground": "kinship"})
    look(page, "recuse")
    button(page, "确认回避").click()
    says(page, "已回避")
    expect(link(page, stage.facilities[SHORT_HANDED].name)).to_have_count(0)
    portal.watch_of(page).expected.add(404)
    for name, args in (("panel:dossier", ()), ("panel:dimension", (1,)), ("panel:check", ())):
        found = page.goto(address(name, sheet.pk, *args))
        assert found is not None
        assert found.status == 404, name


def types(portal: Portal, stage: own.Stage, typist: Any, wall: Wall) -> None:
    """A part is typed on a phone and saved by itself; the sheet is checked and handed in."""
    page = portal.open(PHONE, user=stage.user(typist))
    page.goto(address("panel:home"))
    link(page, "去承诺").click()
    answer(page, {"agreed": True})
    button(page, "提交承诺").click()
    look(page, "panel-home")
    sheet, mine = stage.sheet(typist, PLAIN), given_by(1, PLAIN)
    page.goto(address("panel:dimension", sheet.pk, 1))
    items = stage.round.indicator_set.dimensions.get(no=1).indicators.order_by("position")
    for item in items:
        answer(page, {f"item{item.position}-points": mine[item.code]["points"],
                      f"item{item.position}-words": mine[item.code]["reason"]})  # fmt: skip
    expect(page.locator("#save-pill")).to_contain_text("已保存")
    look(page, "dimension", closely=True)
    button(page, "保存，下一部分").click()
    heading(page, "2. ")
    page.goto(address("panel:check", sheet.pk))
    says(page, "还没有打分")
    look(page, "check-missing")
    rest = {code: each for code, each in mine.items() if not code.startswith("4.")}
    actions.save_scores(stage.sheet(typist, PLAIN), rest, by=own.actor(stage.user(typist)),
                        at=wall.at)  # fmt: skip
    page.reload()
    answer(page, {"signature": "示例"})
    look(page, "check")
    button(page, "提交评分").click()
    says(page, "评分已提交")


def agreed_on(portal: Portal, stage: own.Stage) -> None:
    """The one item whose scores lie far apart: a word without a name, then the leader's number."""
    item = Moderation.objects.get(evaluation__round=stage.round)
    assert item.indicator.code == WIDE
    member = portal.open(PHONE, user=stage.user(stage.seats[2]))
    member.goto(address("panel:moderation", item.evaluation_id))
    says(member, "没有看到台账")
    answer(member, {"text": "台账在办公室，已经看到"})
    member.get_by_role("main").get_by_role("button", name="提交意见").click()
    says(member, "台账在办公室，已经看到")
    for seat in stage.seats:
        if seat != stage.seats[2]:  # his own name stands in the menu
            expect(member.locator("body")).not_to_contain_text(stage.user(seat).display_name)
    look(member, "moderation", closely=True)
    leader = portal.open(PHONE, user=stage.leader)
    leader.goto(address("panel:agree", item.pk))
    answer(leader, {"points": AGREED, "words": "查到台账，缺两个月"})
    look(leader, "agree")
    button(leader, "确认合议得分").click()
    says(leader, "没有待合议的条目")


def passes_gate(second: Page, stage: own.Stage, kind: str, wall: Wall) -> None:
    """The second person reads and publishes; the calendar moves the round on."""
    text = Publication.objects.get(kind=kind, noun_id=stage.round.pk, state="proposed")
    press(second, "desk:publication_publish", text.pk, word="公示")
    assert tasks.take_up_publications(wall.at) == 1


def objects_and_wins(portal: Portal, stage: own.Stage, desk: Page, second: Page) -> None:
    """The facility objects, others look at it again, a second person lets the answer go out."""
    page = portal.open(PHONE, user=stage.operators[OBJECTS])
    page.goto(address("my:evaluations"))
    link(page, "看公示中的结果").click()
    look(page, "my-notice")
    link(page, "提出异议").click()
    answer(page, {"text": f"{OBJECTED} 的名册已经补交，请再看一次"})
    look(page, "objection-new")
    button(page, "提出异议").click()
    found = Objection.objects.get()
    says(page, found.number)
    desk.goto(address("desk:objection_assign", found.number))
    answer(desk, {"seed": "review"})
    button(desk, "抽取复核委员").click()
    says(desk, "复核中")
    look(desk, "desk-objection")
    leader = found.panel.members.get(is_leader=True).evaluator.user
    reviews(portal.open(PHONE, user=leader), found)
    found.refresh_from_db()
    second.goto(address("desk:objection_answer", found.number))
    says(second, f"{OBJECTED}：改为{UPHELD}分")
    look(second, "objection-answer")
    button(second, "发出答复").click()
    says(second, "答复书已发给机构")


def reviews(page: Page, found: Objection) -> None:
    """Who leads the review changes one item."""
    page.goto(address("panel:objection", found.number))
    answer(page, {"answer": "名册属实，应当给满分", "change0-indicator": OBJECTED,
                  "change0-points": UPHELD, "change0-reason": "补交的名册属实"})  # fmt: skip
    look(page, "review")
    button(page, "提交复核意见").click()
    says(page, "复核意见已提交")


def decided(desk: Page, stage: own.Stage) -> None:
    """The committee meets: who is there, a vote for each facility, minutes, the decision."""
    desk.goto(address("desk:meeting_new", stage.round.number))
    answer(desk, {"planned_at": "14:30", "place": "二楼会议室"})
    button(desk, "通知开会").click()
    says(desk, "已通知评估组开会")
    meeting = Meeting.objects.get()
    desk.goto(address("desk:meeting_hold", meeting.pk))
    answer(desk, {"present": [str(seat.pk) for seat in stage.seats]})
    button(desk, "确认到会，开始会议").click()
    for n, place in enumerate(stage.facilities):
        desk.goto(address("desk:meeting_vote", meeting.pk, place.code))
        voters = stage.seats[:4] if n == SHORT_HANDED else stage.seats
        expect(desk.locator("fieldset")).to_have_count(len(voters))
        answer(desk, {f"vote-{seat.pk}": "yes" for seat in voters})
        button(desk, "记下表决").click()
    look(desk, "desk-meeting", closely=True)
    desk.goto(address("desk:meeting_close", meeting.pk))
    answer(desk, {"minutes": "逐家表决，结果照审定表。"})
    button(desk, "会议记录定稿").click()
    press(desk, "desk:evaluation_decide", stage.round.number, meeting.pk, word="按表决登记审定结果")
    says(desk, "审定结果已登记")


def shown(page: Page, stage: own.Stage, expected: list[tuple[Decimal, str]]) -> None:
    """The public page of the round says these totals and grades."""
    page.goto(address("public:evaluation_round", stage.round.number))
    for n, (total, grade) in enumerate(expected, start=1):
        row = page.locator(f"section[aria-labelledby='facility-{n}'] .badges")
        expect(row).to_contain_text(f"{grade}级")
        expect(row).to_contain_text(f"{total} 分（满分 1000 分）")


@pytest.mark.proves("prod:I3", "prod:I4", "prod:I5", "prod:I8", "prod:I11", "prod:I13",
                    "prod:I15", "diff:13", "diff:15", "diff:16")  # fmt: skip
def test_a_whole_round_and_a_later_re_rating(portal: Portal, wall: Wall) -> None:
    stage = own.setup(4, pool=12)
    desk, second = portal.open(DESK, user=stage.clerk), portal.open(DESK, user=stage.approver)
    public, officials = portal.open(PHONE), {desk: stage.clerk, second: stage.approver}
    from_the_draw_to_the_facts(portal, wall, stage, (desk, second))
    later(portal, wall, officials, days=10)
    press(desk, "desk:evaluation_notice", stage.round.number, word="提请公示")
    passes_gate(second, stage, "evaluation_notice", wall)
    totals = [sum_of(n, agreed={WIDE: AGREED} if n == PLAIN else {}) for n in range(4)]
    grades = ["D" if n == BASIC_FAILED else grade_of(total) for n, total in enumerate(totals)]
    assert grades == ["A", "D", "B", "C"]
    shown(public, stage, list(zip(totals, grades, strict=True)))
    look(public, "public-notice")
    later(portal, wall, officials, days=1)
    objects_and_wins(portal, stage, desk, second)
    totals[OBJECTS] = sum_of(OBJECTS, agreed={OBJECTED: UPHELD})
    grades[OBJECTS] = grade_of(totals[OBJECTS])
    assert grades[OBJECTS] == "A"
    later(portal, wall, officials, days=10)
    assert tasks.close_notices(wall.at) == 1
    decided(desk, stage)
    press(desk, "desk:evaluation_publish", stage.round.number, word="提请公布结果")
    passes_gate(second, stage, "evaluation_result", wall)
    shown(public, stage, list(zip(totals, grades, strict=True)))
    look(public, "public-result", closely=True)
    explained(desk, stage, totals)
    rated_again(portal, stage, wall, totals[BASIC_FAILED])


def from_the_draw_to_the_facts(
    portal: Portal, wall: Wall, stage: own.Stage, officials: tuple[Page, Page]
) -> None:
    """The desk leads the round on, step by step, until each facility has its draft."""
    desk, second = officials
    number = stage.round.number
    desk.goto(address("desk:evaluation_draw", number))
    answer(desk, {"seed": "2026-11-23"})
    button(desk, "抽取评估组").click()
    says(desk, "抽取记录")
    stage.seats = list(own.committee.seats_of(stage.round))
    assert len(stage.seats) == 5
    press(second, "desk:evaluation_start", number, word="启动评估")
    press(desk, "desk:evaluation_open_scoring", number, word="开始评分")
    scored(portal, stage, wall)
    desk.goto(address("desk:evaluation", number))
    says(desk, "已回避")
    look(desk, "desk-round")
    press(desk, "desk:evaluation_open_scores", number, word="打开评分，进入合议")
    agreed_on(portal, stage)
    press(desk, "desk:evaluation_send_facts", number, word="计算结果，送机构核对事实")


def explained(desk: Page, stage: own.Stage, totals: list[Decimal]) -> None:
    """The office reads line by line where a grade comes from."""
    for n, words in ((BASIC_FAILED, f"触发一票否决：{VETO}"), (PLAIN, f"{WIDE}：评分差距较大")):
        desk.goto(address("desk:evaluation_result", stage.round.number, stage.facilities[n].code))
        says(desk, words)
        says(desk, f"总分 {totals[n]} 分")
        look(desk, f"desk-result-{n}")


def rated_again(portal: Portal, stage: own.Stage, wall: Wall, before: Decimal) -> None:
    """After a D: a plan, its results, a new round of the one facility, a better grade in public."""
    place = stage.facilities[BASIC_FAILED]
    plan = stage.evaluation(BASIC_FAILED).plan
    page = portal.open(PHONE, user=stage.operators[BASIC_FAILED])
    page.goto(address("my:plan", plan.pk))
    day = (wall.at + 60 * own.DAY).date().isoformat()
    answer(page, {"measures": "补齐卫生保健登记", "finish_on": day})
    look(page, "plan")
    button(page, "提交改进计划").click()
    plan.refresh_from_db()
    actions.accept_plan(plan, by=own.actor(stage.clerk), at=wall.at)
    later(portal, wall, {page: stage.operators[BASIC_FAILED]}, days=60)
    page.goto(address("my:evaluation", plan.evaluation_id))
    look(page, "my-result")
    link(page, "申请再次评估").click()
    answer(page, {"results": "已经补齐"})
    button(page, "申请再次评估").click()
    plan.refresh_from_db()
    again = own.Stage(plan.again, stage.clerk, stage.approver, [place],
                      [stage.operators[BASIC_FAILED]], stage.pool)  # fmt: skip
    whole_way(again, wall)
    total = sum(each["points"] for each in own.marks("0.95").values()).quantize(Decimal("0.01"))
    public = portal.open(PHONE)
    public.goto(address("public:facility", place.code))
    says(public, f"{grade_of(total)}级")
    says(public, str(total))
    expect(public.get_by_role("main")).to_contain_text(f"D级，{before}")
    look(public, "public-facility")


def whole_way(stage: own.Stage, wall: Wall) -> None:
    """The second round through the acts."""
    clerk, approver = own.actor(stage.clerk), own.actor(stage.approver)
    actions.draw_panel(stage.round, by=clerk, at=wall.at, seed="again")
    stage.seats = list(own.committee.seats_of(stage.round))
    actions.start_round(stage.again(), by=approver, at=wall.at)
    actions.open_scoring(stage.again(), by=clerk, at=wall.at)
    for seat in stage.seats:
        actions.pledge(seat, own.PLEDGE, by=own.actor(stage.user(seat)), at=wall.at)
    own.score_all(stage, {0: own.marks("0.95")}, at=wall.at)
    actions.open_scores(stage.again(), by=clerk, at=wall.at)
    actions.send_facts(stage.again(), by=clerk, at=wall.at)
    wall.forward(days=10)
    text = actions.propose_notice(stage.again(), by=clerk, at=wall.at)
    public = own.pass_gate(text, stage.approver, at=wall.at)
    actions.announce(stage.again(), public, by=Actor.calendar(), at=wall.at)
    wall.forward(days=20)
    assert tasks.close_notices(wall.at) == 1
    own.decide(stage, at=wall.at)
    text = actions.propose_result(stage.again(), by=clerk, at=wall.at)
    own.pass_gate(text, stage.approver, at=wall.at)
    assert tasks.take_up_publications(wall.at) == 1
