"""Findings to the end: answers, extension, rechecks by another person, transfer, escalation."""

from __future__ import annotations

import datetime as dt

import pytest

from facilities import actions as letters
from facilities.models import Department
from inspections import actions
from inspections.models import Finding, FindingStep, Inspection
from inspections.queries import findings as queries
from inspections.tasks import escalate_findings, remind_about_findings, remind_about_rechecks
from portal.core import outbox
from portal.core.models import AuditEvent, OfficialPaper, Outbox, staff_with
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import DAY, LATER, actor
from tests.inspections.test_carrying import words_of

pytestmark = pytest.mark.django_db


def later(days: int) -> dt.datetime:
    return LATER + dt.timedelta(days=days)


@pytest.mark.proves("prod:G3", "prod:G4")
def test_the_facility_answers_with_before_and_after() -> None:
    made = make.reported()
    assert (made.state, made.done_on) == ("reported", DAY)
    assert made.recheck_due_on == dt.date(2026, 11, 26)
    assert len(queries.photos_before(made)) == 1
    assert [photo.slot for photo in queries.photos_after(made)] == ["after"]


def test_a_plan_and_a_late_answer_are_still_taken() -> None:
    made = make.finding()
    owner = actor(make.member_of(made.facility))
    made = actions.plan_correction(made, "本周补齐", by=owner, at=LATER)
    assert made.state == "in_progress"
    for day in (DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=99)):
        with pytest.raises(actions.DayNotAllowed):
            actions.report_correction(made, "已补齐", day, by=owner, at=later(60))
    made = actions.report_correction(
        made, "已补齐", DAY + dt.timedelta(days=59), by=owner, at=later(60)
    )
    assert made.state == "reported"


def test_a_stranger_does_not_answer() -> None:
    stranger = actor(make.member_of(make.facility()))
    with pytest.raises(NotAllowed):
        actions.report_correction(make.finding(), "已补齐", DAY, by=stranger, at=LATER)


@pytest.mark.proves("prod:G6")
def test_more_time_is_asked_for_and_granted_once() -> None:
    made = make.finding()  # major, 7 days
    owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
    until = made.due_on + dt.timedelta(days=8)
    with pytest.raises(actions.DayNotAllowed):
        actions.ask_extension(made, until + dt.timedelta(days=1), "等配件", by=owner, at=LATER)
    with pytest.raises(actions.DayNotAllowed):
        actions.extend_finding(made, until, by=approver, at=LATER)  # nobody asked
    made = actions.ask_extension(made, until, "等配件", by=owner, at=LATER)
    with pytest.raises(actions.ExtendedBefore):
        actions.ask_extension(made, until, "再等等", by=owner, at=LATER)
    made = actions.extend_finding(made, until, by=approver, at=LATER)
    assert (made.due_on, made.was_extended, made.first_due_on) == (
        until, True, until - dt.timedelta(days=8),
    )  # fmt: skip
    with pytest.raises(actions.ExtendedBefore):
        actions.extend_finding(made, until, by=approver, at=LATER)


def test_more_time_counts_from_the_day_that_stands_and_is_no_more_than_was_asked() -> None:
    """A finding that was returned has a new day; what the facility may ask for can be granted."""
    made = make.reported()  # major: at most 15 days, 8 more
    owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
    due = DAY + dt.timedelta(days=15)
    made = actions.return_finding(made, "缺3天", due, by=actor(makers.clerk()), at=LATER)
    until = due + dt.timedelta(days=6)
    made = actions.ask_extension(made, until, "等配件", by=owner, at=LATER)
    with pytest.raises(actions.DayNotAllowed):
        actions.extend_finding(made, until + dt.timedelta(days=1), by=approver, at=LATER)
    assert actions.extend_finding(made, until, by=approver, at=LATER).due_on == until


def test_no_time_is_asked_for_or_granted_up_to_a_day_that_is_over() -> None:
    made = make.finding()  # major: due after 7 days, at most 8 more
    owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
    until, late = made.due_on + dt.timedelta(days=4), (made.due_on - DAY).days + 5
    with pytest.raises(actions.DayNotAllowed):
        actions.ask_extension(made, until, "等配件", by=owner, at=later(late))
    made = actions.ask_extension(made, until, "等配件", by=owner, at=later(late - 1))
    with pytest.raises(actions.DayNotAllowed):
        actions.extend_finding(made, until, by=approver, at=later(late))
    assert actions.extend_finding(made, until, by=approver, at=later(late - 1)).due_on == until


def test_a_form_sent_twice_returns_a_finding_once() -> None:
    made, clerk = make.reported(), actor(makers.clerk())
    for _time in range(2):
        back = actions.return_finding(made, "缺3天", DAY, by=clerk, at=LATER)
        assert back.returns == 1
    assert OfficialPaper.objects.of(made).count() == 1
    again = actions.return_finding(made, "仍缺3天", DAY, by=clerk, at=later(0))
    assert again.returns == 2


def test_a_wish_nobody_had_is_not_refused() -> None:
    made = make.finding()
    owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
    with pytest.raises(TransitionNotOpen):
        actions.refuse_extension(made, "可以自行购买", by=approver, at=LATER)
    until = made.due_on + dt.timedelta(days=1)
    actions.ask_extension(made, until, "等配件", by=owner, at=LATER)
    actions.refuse_extension(made, "可以自行购买", by=approver, at=LATER)
    with pytest.raises(TransitionNotOpen):
        actions.refuse_extension(made, "再次拒绝", by=approver, at=LATER)


def test_more_time_is_refused() -> None:
    made = make.finding()
    owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
    made = actions.ask_extension(
        made, made.due_on + dt.timedelta(days=1), "等配件", by=owner, at=LATER
    )
    made = actions.refuse_extension(made, "可以自行购买", by=approver, at=LATER)
    assert (made.extension_refusal, made.due_on) == ("可以自行购买", made.first_due_on)


@pytest.mark.proves("prod:G5", "prod:G8", "diff:2", "diff:21", "clause:二(四)4b")
def test_looked_at_again_and_closed_or_returned() -> None:
    made = make.reported()
    clerk = actor(makers.clerk())
    with pytest.raises(actions.DayNotAllowed):
        actions.return_finding(made, "缺3天", DAY - dt.timedelta(1), by=clerk, at=LATER)
    due = DAY + dt.timedelta(days=3)
    back = actions.return_finding(made, "还缺3天", due, photos=[make.photo()], by=clerk, at=LATER)
    assert (back.state, back.returns, back.due_on) == ("returned", 1, due)
    owner = actor(make.member_of(back.facility))
    again = actions.report_correction(back, "全部补齐", DAY, by=owner, at=LATER)
    done = actions.close_finding(again, "已补齐", on_paper=True, by=clerk, at=LATER)
    assert (done.state, done.closed_on) == ("closed", DAY)
    opinions = [words_of(paper) for paper in OfficialPaper.objects.of(done)]
    assert len(opinions) == 2
    assert any("予以销号" in text and "书面复查" in text for text in opinions)
    assert any("没有整改到位" in text for text in opinions)


@pytest.mark.proves("prod:G8")
def test_a_grave_one_is_looked_at_by_another_person_on_site() -> None:
    made = make.reported("ZH-08")
    finder = made.found_by
    with pytest.raises(NotAllowed):
        actions.close_finding(made, "已整改", by=actor(finder), at=LATER)
    with pytest.raises(NotAllowed):
        actions.return_finding(made, "没有", DAY, by=actor(finder), at=LATER)
    other = actor(make.inspector())
    with pytest.raises(actions.OnSiteOnly):
        actions.close_finding(made, "已整改", on_paper=True, by=other, at=LATER)
    assert actions.close_finding(made, "已整改", by=other, at=LATER).closed_by == other.user
    # A lesser one may be looked at by whoever found it.
    lesser = make.reported("ZH-07")
    assert actions.close_finding(lesser, "已补", by=actor(lesser.found_by), at=LATER)


def test_whoever_is_tied_to_a_facility_decides_nothing_about_it() -> None:
    made, disputed = make.reported(), make.finding()
    owner = actor(make.member_of(disputed.facility))
    disputed = actions.dispute_finding(disputed, "记录在另一本上", by=owner, at=LATER)
    clerk, approver = makers.clerk(), makers.approver()
    actions.declare_tie(clerk, made.facility, "child", by=actor(clerk), at=LATER)
    actions.declare_tie(approver, disputed.facility, "family", by=actor(approver), at=LATER)
    with pytest.raises(actions.Tied):
        actions.close_finding(made, "已补齐", by=actor(clerk), at=LATER)
    with pytest.raises(actions.Tied):
        actions.return_finding(made, "缺3天", DAY, by=actor(clerk), at=LATER)
    with pytest.raises(actions.Tied):
        actions.annul_finding(disputed, "撤销", by=actor(approver), at=LATER)
    with pytest.raises(actions.Tied):
        actions.uphold_finding(disputed, "成立", DAY, by=actor(approver), at=LATER)


def test_nor_does_he_grant_time_hand_over_or_make_public() -> None:
    made, market = make.finding("ZH-08"), Department.objects.get(slug="market")
    visit, place = made.inspection, made.facility
    owner = actor(make.member_of(place))
    until = made.due_on + dt.timedelta(days=1)
    made = actions.ask_extension(made, until, "等配件", by=owner, at=LATER)
    visit = actions.object_to_inspection(visit, "不同意", by=owner, at=LATER)
    tied = makers.user("clerk", "approver")
    by = actor(tied)
    actions.declare_tie(tied, place, "interest", by=by, at=LATER)
    for act in (
        lambda: actions.extend_finding(made, until, by=by, at=LATER),
        lambda: actions.refuse_extension(made, "不同意", by=by, at=LATER),
        lambda: actions.transfer_finding(made, market, "示例", by=by, at=LATER),
        lambda: actions.propose_overdue(made, by=by, at=LATER),
        lambda: actions.propose_result(visit, by=by, at=LATER),
        lambda: actions.answer_objection(visit, "已核实", by=by, at=LATER),
    ):
        with pytest.raises(actions.Tied):
            act()
    actions.transfer_finding(made, market, "示例", by=actor(makers.clerk()), at=LATER)
    with pytest.raises(actions.Tied):
        actions.settle_finding(made, "已处理", by=by, at=LATER)


def test_an_objection_is_answered_by_another_person() -> None:
    owner_says = "晨检记录在另一本上"
    for right in (True, False):
        made = make.finding()
        owner, approver = actor(make.member_of(made.facility)), actor(makers.approver())
        made = actions.dispute_finding(made, owner_says, by=owner, at=LATER)
        if right:
            made = actions.annul_finding(made, "核实无误，撤销", by=approver, at=LATER)
            assert (made.state, made.annulled) == ("closed", True)
        else:
            due = DAY + dt.timedelta(days=5)
            for day in (DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=99)):
                with pytest.raises(actions.DayNotAllowed):
                    actions.uphold_finding(made, "记录不完整", day, by=approver, at=LATER)
            made = actions.uphold_finding(made, "记录不完整", due, by=approver, at=LATER)
            assert (made.state, made.due_on) == ("open", due)
            with pytest.raises(TransitionNotOpen):  # once: the clock is not stopped again
                actions.dispute_finding(made, owner_says, by=owner, at=LATER)
        assert made.facility.risk.points == (100 if right else 95)


@pytest.mark.proves("prod:G10", "clause:二(四)4b")
def test_it_is_handed_over_once_with_a_letter() -> None:
    made = make.finding("ZH-06", trigger_key="TS-ABCD-1234-5", note="家长反映")
    market, clerk = Department.objects.get(slug="market"), actor(makers.clerk())
    letter = actions.transfer_finding(made, market, "现场看到过期食品。", by=clerk, at=LATER)
    assert letter.remind_on == dt.date(2026, 12, 7)
    text = words_of(letter.paper)
    assert "舞钢市市场监督管理局" in text
    for trace in ("TS-ABCD-1234", "家长", "投诉", "反映"):
        assert trace not in text
    made.refresh_from_db()
    assert made.state == "transferred"
    assert actions.transfer_finding(made, market, "再发一次", by=clerk, at=LATER) == letter
    # The facility learns that it was handed over; the letter itself is the office's.
    owner = make.member_of(made.facility)
    assert made in Finding.objects.visible_to(owner)
    assert not OfficialPaper.objects.visible_to(owner).filter(pk=letter.paper.pk).exists()
    assert not FindingStep.objects.visible_to(owner).exists()
    other = actor(makers.clerk())
    assert actions.settle_finding(made, "已责令改正", by=other, at=LATER).state == "closed"


@pytest.mark.proves("prod:G10", "prod:G7")
@pytest.mark.parametrize("answered", [False, True])
def test_what_was_handed_over_by_mistake_comes_back(*, answered: bool) -> None:
    made = make.finding("ZH-06")
    market, health = (Department.objects.get(slug=slug) for slug in ("market", "health"))
    clerk, owner = actor(makers.clerk()), make.member_of(made.facility)
    escalate_findings(later((made.due_on - DAY).days + 4))
    made.refresh_from_db()
    letter = actions.transfer_finding(made, market, "现场看到过期食品。", by=clerk, at=later(6))
    if answered:
        letters.answer_transfer(letter, later(7).date(), "不属于我单位职责", by=clerk, at=later(7))
    made.refresh_from_db()
    at, due = later(9), later(10).date()
    with pytest.raises(actions.DayNotAllowed):
        actions.take_back_finding(made, "发错部门", DAY, by=clerk, at=at)
    made = actions.take_back_finding(made, "发错部门", due, by=clerk, at=at)
    assert (made.state, made.transfer, made.transferred_to, made.due_on) == (
        "open", None, None, due,
    )  # fmt: skip
    letter.refresh_from_db()
    assert (letter.state, letter.paper.status) == ("answered", "withdrawn")
    assert ("已撤回移送" in letter.result) != answered
    titles = {paper.title for paper in queries.letters_of(made)}
    assert titles == {"问题线索移送函"} | (set() if answered else {"移送撤回函"})
    told = Outbox.objects.filter(payload__kind="finding.taken_back", payload__to=str(owner.pk))
    assert told.count() == 1
    with pytest.raises(TransitionNotOpen):  # pressed twice
        actions.take_back_finding(made, "发错部门", due, by=clerk, at=at)
    # It is late again and escalates from the start; and it may go to another authority.
    assert escalate_findings(later(12)) == 1
    made.refresh_from_db()
    assert made.escalation == 3  # a grave one, two days late
    other = actions.transfer_finding(made, health, "现场看到过期食品。", by=clerk, at=later(13))
    assert other != letter
    made.refresh_from_db()
    assert other.paper not in queries.letters_of(made)


def test_one_without_a_letter_comes_back_too() -> None:
    made = make.finding("ZH-06")
    market, clerk = Department.objects.get(slug="market"), actor(makers.clerk())
    Finding.objects.filter(pk=made.pk).update(state="transferred", transferred_to=market)
    made.refresh_from_db()
    made = actions.take_back_finding(made, "发错部门", made.due_on, by=clerk, at=LATER)
    assert (made.state, queries.letters_of(made)) == ("open", [])


@pytest.mark.proves("prod:G7")
def test_what_was_returned_escalates_from_the_start() -> None:
    made = make.finding()
    late = (made.due_on - DAY).days
    assert escalate_findings(later(late + 4)) == 1
    owner, clerk = actor(make.member_of(made.facility)), actor(makers.clerk())
    made.refresh_from_db()
    made = actions.report_correction(made, "已补齐", DAY, by=owner, at=later(late + 5))
    due = later(late + 8).date()
    made = actions.return_finding(made, "仍缺记录", due, by=clerk, at=later(late + 6))
    assert made.escalation == 0
    for days, step in ((2, 1), (4, 2)):
        assert escalate_findings(later(late + 8 + days)) == 1
        made.refresh_from_db()
        assert made.escalation == step
    assert Inspection.objects.filter(selection="recheck").count() == 2


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.proves("prod:G7", "clause:二(五)1b")
def test_what_is_late_escalates_once_a_step() -> None:
    made = make.finding()  # major: leader after 1 day, a visit after 3, a transfer after 10
    late = (made.due_on - DAY).days
    assert escalate_findings(later(late)) == 0
    for days, step in ((2, 1), (4, 2), (11, 3)):
        assert escalate_findings(later(late + days)) == 1
        assert escalate_findings(later(late + days)) == 0
        made.refresh_from_db()
        assert made.escalation == step
    visits = Inspection.objects.filter(selection="recheck")
    assert visits.count() == 1
    assert visits.get().trigger_key.startswith("recheck:")
    told = Outbox.objects.filter(payload__kind="finding.escalated")
    assert told.count() == staff_with("approver", DAY).count()
    assert AuditEvent.objects.filter(act="finding.escalate").count() == 3


def test_a_visit_to_look_again_ends_with_its_finding() -> None:
    made, other = make.finding(), make.finding()
    escalate_findings(later((made.due_on - DAY).days + 4))
    made, other = Finding.objects.get(pk=made.pk), Finding.objects.get(pk=other.pk)
    goes, by = make.inspector(), actor(makers.clerk())
    visit = Inspection.objects.get(selection="recheck", facility=made.facility)
    actions.assign_team(visit, [goes], by=by, at=LATER)
    actions.close_finding(made, "已整改", on_paper=True, by=by, at=later(20))
    visit.refresh_from_db()
    assert (visit.state, visit.decision_reason) == ("cancelled", f"{made.number}已销号")
    told = Outbox.objects.filter(payload__kind="inspection.cancelled")
    assert told.get().payload["to"] == str(goes.pk)
    assert Inspection.objects.get(selection="recheck", facility=other.facility).state == "planned"


def test_what_was_answered_meanwhile_does_not_escalate() -> None:
    made = make.finding()
    owner = actor(make.member_of(made.facility))
    actions.report_correction(made, "已补齐", DAY, by=owner, at=LATER)
    assert actions.escalate_finding(made, at=later(60)) == 0


def test_three_steps_at_once_when_the_worker_was_away() -> None:
    makers.approver()
    clerk = makers.clerk()
    made = make.finding()
    assert escalate_findings(later(60)) == 1
    made.refresh_from_db()
    assert made.escalation == 3
    kinds = set(Outbox.objects.values_list("payload__kind", flat=True))
    assert {"finding.escalated", "finding.transfer_due", "inspection.opened"} <= kinds
    assert Outbox.objects.filter(payload__kind="finding.transfer_due",
                                 payload__to=str(clerk.pk)).count() == 1  # fmt: skip


def test_reminders_come_once() -> None:
    made = make.finding()
    before = later((made.due_on - DAY).days - 1)
    assert remind_about_findings(LATER) == 0
    assert remind_about_findings(before) == 1
    assert remind_about_findings(before) == 0
    assert remind_about_findings(before + dt.timedelta(days=2)) == 1
    makers.clerk()
    reported = make.reported()
    assert remind_about_rechecks(later(9)) >= 2  # the finder and the clerks
    assert remind_about_rechecks(later(9)) == 0
    assert reported.state == "reported"


def test_a_reminder_by_hand_once_a_day() -> None:
    made, other = make.finding(), make.finding()
    clerk = actor(makers.clerk())
    assert actions.remind_facilities([made, other], by=clerk, at=LATER) == 2
    assert actions.remind_facilities([made, other], by=clerk, at=LATER) == 0
    assert actions.remind_facilities([made], by=clerk, at=later(1)) == 1


def test_every_message_reads_and_leads_somewhere() -> None:
    """The words of what was owed in these acts; an address that does not exist would raise."""
    makers.approver()
    made = make.reported("ZH-07")
    actions.return_finding(made, "缺", DAY, by=actor(makers.clerk()), at=LATER)
    owed = Outbox.objects.filter(kind="notify").count()
    outbox.drain(later(1))
    assert Outbox.objects.filter(kind="notify", done_at=None).count() == 0
    assert owed > 3
