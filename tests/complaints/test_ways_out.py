"""No case gets stuck, no alarm is lost on the way, and what is sent twice is done once."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from complaints import actions, queries, tasks
from complaints.models import Complaint, Lane, StatementRequest
from complaints.queries import casework, reports
from complaints.queries import public as figures
from complaints.views.desk.offering import offered
from complaints.workflow import ComplaintStatus
from portal.core import attachments, outbox
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import Notification, Outbox
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import NotAllowed
from tests import makers, register

from . import makers as cases
from .makers import AT, DAY, actor

pytestmark = pytest.mark.django_db
S = ComplaintStatus
LATER = AT + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def handler(db):
    return cases.handler()


@pytest.fixture
def approver(db):
    return makers.approver()


def fresh(made):
    return Complaint.objects.get(pk=made.pk)


def holder_of(made):
    return Actor.code_holder(made)


# --- every state leads somewhere ------------------------------------------------------------------


def test_the_inspectors_take_a_review_of_theirs_up_again():
    auditor = makers.user(Role.AUDITOR)
    made = actions.take_over_discipline(cases.complaint("C12"), by=actor(auditor), at=AT)
    made = actions.answer_discipline(made, "not_upheld", "已核查", by=actor(auditor), at=AT)
    made = actions.request_review(made, "没有查清", by=holder_of(made), at=AT)
    assert made.state == S.REOPENED
    assert list(casework.waiting_for(auditor)) == [made]
    made = actions.take_over_discipline(made, by=actor(auditor), at=AT)
    made = actions.answer_discipline(made, "partly", "再次核查", by=actor(auditor), at=AT)
    assert made.state == S.RESOLVED


def test_a_question_of_the_inspectors_that_nobody_answers_comes_back_to_them(handler):
    auditor = makers.user(Role.AUDITOR)
    made = actions.take_over_discipline(cases.complaint("C12"), by=actor(auditor), at=AT)
    with pytest.raises(NotAllowed):
        actions.ask_complainant(made, "是谁？", by=actor(handler), at=AT)
    made = actions.ask_complainant(made, "是哪一天？", by=actor(auditor), at=AT)
    assert (made.state, made.is_paused) == (S.AWAITING_COMPLAINANT, True)
    assert made not in casework.waiting_for(auditor)
    assert tasks.go_on_unanswered(AT + dt.timedelta(days=60)) == 1
    made = fresh(made)
    assert (made.state, made.is_paused, made.answer_due) == (S.REFERRED, False, None)
    assert list(casework.waiting_for(auditor)) == [made]
    assert {o.transition for _words, acts in offered(auditor, made) for o in acts} == {
        "raise_alarm", "ask_discipline", "write", "answer_discipline", "hold",
    }  # fmt: skip


def test_what_the_inspectors_hold_is_not_destroyed_until_another_of_them_lifts_it():
    first, second = makers.user(Role.AUDITOR), makers.user(Role.AUDITOR)
    made = actions.take_over_discipline(cases.complaint("C12"), by=actor(first), at=AT)
    made = actions.answer_discipline(made, "upheld", "已处分", by=actor(first), at=AT)
    made = actions.hold_complaint(made, "移交监察机关", by=actor(first), at=AT)
    with pytest.raises(actions.Held):
        actions.erase_complaint(made, at=AT)
    with pytest.raises(NotAllowed):
        actions.lift_hold(made, "已结", by=actor(first), at=AT)
    assert actions.lift_hold(made, "已结", by=actor(second), at=AT).hold_by is None


def test_a_case_under_way_that_becomes_the_inspectors_waits_for_them(handler, approver):
    made = cases.accepted(handler)
    made = actions.ask_complainant(made, "是哪位工作人员？", by=actor(handler), at=AT)
    made = actions.propose_category(made, "C12", "说的是街道人员", by=actor(handler), at=AT)
    made = actions.confirm_category(made, by=actor(approver), at=AT)
    assert (made.lane, made.state, made.handler) == (Lane.DISCIPLINE, S.RECEIVED, None)
    assert (made.is_paused, made.answer_due) == (False, None)
    auditor = makers.user(Role.AUDITOR)
    assert actions.take_over_discipline(made, by=actor(auditor), at=AT).state == S.REFERRED


def test_what_was_taken_on_and_lies_with_nobody_waits_for_everybody(handler):
    made = actions.accept_complaint(cases.complaint(), "major", by=actor(handler), at=AT)
    other = cases.handler()
    assert made in casework.waiting_for(other)
    actions.assign_complaint(made, handler, by=actor(handler), at=AT)
    assert made not in casework.waiting_for(other)


def test_a_merged_case_whose_review_is_asked_for_stands_alone(handler, approver):
    parent, child = cases.accepted(handler), cases.complaint()
    child = actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    parent = actions.propose_reply(parent, "not_upheld", "录像", "没有", by=actor(handler), at=AT)
    actions.approve_reply(parent, by=actor(approver), at=AT)
    child = actions.request_review(fresh(child), "不满意", by=holder_of(child), at=AT)
    assert child.parent is None
    assert child in casework.waiting_for(cases.handler())


def test_a_merged_case_with_a_reply_of_its_own_does_not_hold_up_the_other(handler, approver):
    parent, child = cases.accepted(handler), cases.accepted(handler)
    child = actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    for each in (parent, child):
        actions.propose_reply(each, "not_upheld", "录像", "没有", by=actor(handler), at=AT)
    parent = actions.approve_reply(fresh(parent), by=actor(approver), at=AT)
    assert (parent.state, fresh(child).state) == (S.RESOLVED, S.REPLY_PROPOSED)
    assert actions.approve_reply(fresh(child), by=actor(approver), at=AT).state == S.RESOLVED


def test_another_category_leaves_a_review_its_days(handler, approver):
    made = cases.closed(handler, approver)
    made = actions.request_review(made, "没解决", by=holder_of(made), at=LATER)
    due = made.finish_due
    made = actions.propose_category(made, "C9", "是服务态度", by=actor(handler), at=LATER)
    made = actions.confirm_category(made, by=actor(approver), at=LATER)
    assert (made.category, made.finish_due) == ("C9", due)


def test_the_warnings_of_a_review_count_from_its_day(handler, approver):
    made = cases.closed(handler, approver)
    late = AT + dt.timedelta(days=14)
    actions.request_review(made, "没解决", by=holder_of(made), at=late)
    assert tasks.warn_of_clocks(late) == 0


# --- the alarm ------------------------------------------------------------------------------------


def alarms(person):
    return Outbox.objects.filter(payload__kind="complaint.alarm", payload__to=str(person.pk))


@pytest.mark.proves("prod:K1")
def test_an_alarm_that_is_raised_again_rings_again(handler):
    duty, second = cases.duty(), cases.duty()
    made = cases.complaint("C1")
    actions.acknowledge_alarm(made, by=actor(duty), at=AT)
    actions.propose_category(made, "C9", "没有伤害", by=actor(duty), at=AT)
    actions.confirm_category(made, by=actor(second), at=AT)
    again = AT + dt.timedelta(hours=1)
    made = actions.raise_alarm(fresh(made), "C1", "孩子身上有伤", by=actor(handler), at=again)
    assert made.acknowledged_by is None
    assert alarms(duty).count() == 2
    outbox.drain(again + dt.timedelta(minutes=61))
    outbox.drain(again + dt.timedelta(minutes=61))
    rung = Notification.objects.filter(kind="complaint.escalation", to=second)
    assert rung.count() >= 2


def test_a_red_case_is_not_made_another_red_one_by_one_person():
    duty = cases.duty()
    made = cases.complaint("C1")
    with pytest.raises(actions.AlreadyRed):
        actions.raise_alarm(made, "C3", "其实是消防", by=actor(duty), at=AT)
    assert fresh(made).category == "C1"


def test_an_alarm_that_no_duty_person_may_see_goes_to_the_widest_circle(approver):
    facility = register.facility()
    duty, leader = cases.duty(), makers.user(Role.LEADER)
    actions.declare_tie("亲属在那里工作", facility=facility, by=actor(duty), at=AT)
    cases.complaint("C1", facility=facility)
    assert [alarms(each).count() for each in (duty, approver, leader)] == [0, 1, 1]


def test_acknowledging_a_common_case_silences_no_later_alarm():
    both, approver = makers.user(Role.HANDLER, Role.RED_LANE), makers.approver()
    made = actions.acknowledge_alarm(cases.complaint("C8"), by=actor(both), at=AT)
    made = actions.propose_category(made, "C1", "像是伤害", by=actor(both), at=AT)
    made = actions.confirm_category(made, by=actor(approver), at=AT)
    assert (made.lane, made.acknowledged_by) == (Lane.RED, None)
    assert not made.steps.filter(kind="acknowledged").exists()


def test_the_alarm_takes_a_case_out_of_what_it_was_merged_with(handler, approver):
    parent, child = cases.accepted(handler), cases.complaint()
    actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    red = actions.raise_alarm(fresh(child), "C1", "有伤痕", by=actor(handler), at=AT)
    assert red.parent is None
    other = cases.complaint()
    actions.merge_complaint(other, parent, by=actor(handler), at=AT)
    actions.raise_alarm(fresh(parent), "C1", "有伤痕", by=actor(handler), at=AT)
    other = fresh(other)
    assert (other.parent, other.lane) == (None, Lane.NORMAL)
    assert queries.steps_of(other)[0].kind == "merged"


@pytest.mark.proves("prod:K15")
def test_somebody_of_the_red_lane_does_not_decide_in_the_common_one(handler, approver):
    both = makers.user(Role.HANDLER, Role.RED_LANE)
    made = cases.proposed(handler)
    for act, more in (
        (actions.approve_reply, ()), (actions.hand_back_reply, ("写清依据",)),
        (actions.extend_clock, ("复杂",)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act(made, *more, by=actor(both), at=AT)
    shown = {o.transition for _words, offers in offered(both, fresh(made)) for o in offers}
    assert not shown & {"approve_reply", "hand_back", "extend"}
    assert actions.approve_reply(made, by=actor(approver), at=AT).state == S.RESOLVED


# --- sent twice -----------------------------------------------------------------------------------


@pytest.mark.proves("sec:W11")
def test_words_that_are_sent_twice_are_said_once(handler):
    made = cases.accepted(handler)
    for _ in range(2):
        actions.write_to_complainant(made, "正在核查", by=actor(handler), at=AT)
        actions.note_complaint(made, "已看监控", by=actor(handler), at=AT)
    for _ in range(2):
        actions.add_by_complainant(made, "补充一点", by=holder_of(made), at=AT)
    assert [m.text for m in queries.messages_of(made)] == ["正在核查", "补充一点"]
    assert made.steps.filter(kind="note").count() == 1
    actions.note_complaint(made, "已看监控", by=actor(cases.handler()), at=AT)
    actions.note_complaint(made, "已看监控", by=actor(handler), at=LATER)
    actions.add_by_complainant(made, "补充一点", by=holder_of(made), at=LATER)
    assert made.steps.filter(kind="note").count() == 3
    assert made.messages.count() == 3


def test_the_same_answer_to_another_question_is_an_answer(handler):
    made = cases.accepted(handler)
    for question in ("票据还在吗？", "合同还在吗？"):
        actions.ask_complainant(fresh(made), question, by=actor(handler), at=AT)
        actions.add_by_complainant(fresh(made), "在", by=holder_of(made), at=AT)
        assert fresh(made).state == S.INVESTIGATING
    assert made.messages.filter(kind="answer").count() == 2


def test_a_request_and_a_hold_that_are_sent_twice_are_one(handler, approver):
    made = cases.accepted(handler, facility=register.facility())
    assert cases.statement(handler, made) == cases.statement(handler, made)
    actions.hold_complaint(made, "进入诉讼", by=actor(handler), at=AT)
    made = actions.hold_complaint(made, "我也要", by=actor(approver), at=AT)
    assert (made.hold_by, made.hold_reason) == (handler, "进入诉讼")
    assert made.steps.filter(kind="hold").count() == 1


# --- the complainant is protected -----------------------------------------------------------------


@pytest.mark.proves("sec:C4", "sec:C5")
def test_what_is_taken_back_before_the_batch_never_reaches_the_facility(handler):
    facility, second = register.facility(), cases.handler()
    operator = cases.member_of(facility)
    made = cases.accepted(handler, facility=facility)
    sent = actions.release_statement(cases.statement(handler, made), by=actor(second), at=AT)
    late = cases.statement(handler, fresh(made), "请说明退费的规则")
    actions.withdraw_complaint(fresh(made), "", by=holder_of(made), at=AT)
    with pytest.raises(actions.CaseEnded):
        actions.release_statement(late, by=actor(second), at=AT)
    batch = AT + (sent.release_on - DAY)
    assert tasks.send_statements(batch) == 0
    with time_machine.travel(batch, tick=False):
        assert not StatementRequest.objects.of_facility(operator).exists()


@pytest.mark.proves("sec:C4", "sec:C5")
@pytest.mark.parametrize("category", ["C1", "C12"])
def test_no_batch_warns_the_facility_of_a_case_that_became_an_alarm(handler, approver, category):
    facility, second = register.facility(), cases.handler()
    operator = cases.member_of(facility)
    made = cases.accepted(handler, facility=facility)
    asked = actions.release_statement(cases.statement(handler, made), by=actor(second), at=AT)
    batch = AT + (asked.release_on - DAY)
    _becomes(made, category, handler, approver)
    assert tasks.send_statements(batch) == 0
    asked.refresh_from_db()
    assert (asked.state, asked.checked_by, asked.due_on) == ("handed_back", None, None)
    with time_machine.travel(batch, tick=False):
        assert not StatementRequest.objects.of_facility(operator).exists()
    assert fresh(made).state == S.RECEIVED
    assert made.steps.filter(text__startswith=f"{asked.number} 没有发出").exists()


def _becomes(made, category, handler, approver):
    """By one person where a child is in danger, by two otherwise."""
    if category == "C1":
        actions.raise_alarm(fresh(made), category, "孩子身上有伤", by=actor(handler), at=AT)
        return
    _agreed(made, category, handler, approver)


def test_an_alarm_of_which_an_organ_knew_goes_on_once_nothing_is_asked_any_more(handler, approver):
    duty, second = cases.duty(), cases.duty()
    made = actions.record_report(
        cases.complaint("C1", facility=register.facility()), cases.report(), by=actor(duty), at=AT
    ).complaint
    _agreed(made, "C9", duty, second)
    made = actions.accept_complaint(fresh(made), "major", by=actor(handler), at=AT)
    actions.release_statement(cases.statement(handler, made), by=actor(approver), at=AT)
    assert fresh(made).state == S.AWAITING_FACILITY
    _agreed(made, "C1", handler, approver)
    assert (fresh(made).lane, fresh(made).state) == (Lane.RED, S.INVESTIGATING)


def _agreed(made, category, first, second):
    actions.propose_category(fresh(made), category, "看错了", by=actor(first), at=AT)
    actions.confirm_category(fresh(made), by=actor(second), at=AT)


def test_what_the_facility_reads_already_is_still_answered_after_an_alarm(handler):
    facility, second = register.facility(), cases.handler()
    operator = cases.member_of(facility)
    made = cases.accepted(handler, facility=facility)
    asked = actions.release_statement(cases.statement(handler, made), by=actor(second), at=AT)
    batch = AT + (asked.release_on - DAY)
    with time_machine.travel(batch, tick=False):
        actions.raise_alarm(fresh(made), "C1", "孩子身上有伤", by=actor(handler), at=batch)
        asked = actions.answer_statement(asked, "已核实", by=actor(operator), at=batch)
    assert (asked.state, fresh(made).state) == ("answered", S.RECEIVED)


@pytest.mark.proves("sec:C5")
def test_a_summary_is_compared_with_everything_the_complainant_wrote(handler):
    told = {"answers": {"哪一餐，吃了什么": "星期三中午的红烧肉有酸味"}}
    made = cases.accepted(handler, facility=register.facility(), told=told)
    with pytest.raises(actions.TooClose):
        cases.statement(handler, made, "请说明星期三中午的红烧肉")
    asked = cases.statement(handler, made, "请说明厨房冷柜坏了以后的做法")
    actions.add_by_complainant(made, "听说厨房冷柜坏了以后没有修", by=holder_of(made), at=AT)
    with pytest.raises(actions.TooClose):
        actions.release_statement(asked, by=actor(cases.handler()), at=AT)


def test_a_red_report_taken_back_without_a_word_says_so():
    made = cases.complaint("C1")
    for _ in range(2):
        actions.withdraw_complaint(made, "", by=holder_of(made), at=AT)
    assert [m.text for m in queries.messages_of(made)] == ["要求撤回，没有写原因。"]


def test_reasons_go_with_the_key_and_a_lost_file_does_not_stop_it(handler, approver):
    file = attachments.inspected(makers.jpeg())
    made = cases.closed(handler, approver, files=[file], contact=cases.CONTACT)
    wish = cases.reveal(handler, made)
    store.delete(made.files.get().storage_key)
    actions.erase_complaint(made, at=AT)
    wish.refresh_from_db()
    assert "当面核实" not in wish.reason
    assert fresh(made).data_key is None


def test_what_was_not_answered_in_time_is_late_before_its_end_is(handler):
    made = cases.complaint("C8")
    assert list(queries.overdue_cases(Complaint.objects.all(), made.respond_due)) == []
    day = made.respond_due + dt.timedelta(days=1)
    assert list(queries.overdue_cases(Complaint.objects.all(), day)) == [made]
    assert reports.figures(handler, DAY, DAY, day)["late"] == 1
    actions.accept_complaint(made, "major", by=actor(handler), at=AT)
    assert list(queries.overdue_cases(Complaint.objects.all(), day)) == []


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.proves("sec:C6")
def test_what_was_taken_back_is_in_no_figure_before_or_after_it_is_archived(handler, approver):
    law = in_force(DAY)
    for _ in range(5):
        cases.closed(handler, approver)
    back = cases.proposed(handler)
    back = actions.hand_back_reply(back, "再查", by=actor(approver), at=AT)
    back = actions.withdraw_complaint(back, "算了", by=holder_of(back), at=AT)
    rejected = cases.complaint("C9")
    actions.reject_complaint(rejected, "not_ours", "请找别处", by=actor(handler), at=AT)
    before = figures.quarter_figures([(2026, 4)], law)[0]
    assert tasks.archive_cases(AT + dt.timedelta(days=16)) == 7
    assert figures.quarter_figures([(2026, 4)], law)[0] == before
    assert before["totals"]["all"].count == 6
    rows = {row["category"]: row for row in reports.by_category(handler, DAY, DAY)}
    assert (rows["C8"]["answered"], rows["C9"]["answered"]) == (5, 0)


@pytest.mark.proves("sec:C6")
def test_two_single_cases_are_not_told_by_taking_away(handler, approver):
    for category, count in (("C8", 6), ("C9", 1), ("C10", 1)):
        for _ in range(count):
            cases.closed(handler, approver, category=category)
    shown = figures.quarter_figures([(2026, 4)], in_force(DAY))[0]
    assert shown["totals"]["all"].count == 8
    assert all(cell.is_hidden for _label, cell in shown["categories"]), "8 - 6 would tell 1 and 1"


def test_the_days_of_a_pause_still_count_after_an_alarm_by_two(handler, approver):
    made = cases.accepted(handler)
    actions.pause_clock(made, "expert", "等待鉴定", by=actor(handler), at=AT)
    actions.propose_category(made, "C1", "像是伤害", by=actor(handler), at=AT)
    made = actions.confirm_category(made, by=actor(approver), at=AT)
    assert (made.is_paused, made.pause_reason) == (False, "")
    assert made.respond_due == working_calendar().add_working_days(DAY, 0)
