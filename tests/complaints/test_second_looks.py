"""Whole lives of cases looked at twice: nobody is forgotten, nothing made to look better."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from complaints import actions, queries, rules
from complaints.models import Complaint
from complaints.queries import casework, reports
from complaints.queries import public as figures
from complaints.views.desk.offering import offered
from complaints.workflow import ComplaintStatus
from inspections.actions import cancel_inspection
from inspections.models import FacilityRisk
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import Notification
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import NotAllowed
from tests import makers, register

from . import makers as cases
from .makers import AT, DAY, actor

pytestmark = pytest.mark.django_db
S = ComplaintStatus


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


def labels(person, made):
    return {offer.transition for _words, offers in offered(person, made) for offer in offers}


# --- what was merged ------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_what_was_merged_under_a_case_that_ends_unanswered_is_a_case_again(handler, end):
    parent, child = cases.complaint("C9"), cases.complaint("C9")
    actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    assert fresh(child) not in casework.waiting_for(handler)
    if end == "withdraw":
        actions.withdraw_complaint(parent, "", by=holder_of(parent), at=AT)
    else:
        actions.reject_complaint(parent, "not_ours", "请找别处", by=actor(handler), at=AT)
    child = fresh(child)
    assert (child.parent, child.state) == (None, S.RECEIVED)
    assert child in casework.waiting_for(handler)
    outbox.drain(AT)
    told = Notification.objects.filter(to=handler, kind="complaint.apart")
    assert [child.number in each.title for each in told] == [True]


def test_who_handles_a_merged_case_may_approve_the_reply_of_another():
    writer, second = cases.duty(), cases.duty()
    parent, child = cases.accepted(writer, category="C1"), cases.accepted(second, category="C1")
    actions.merge_complaint(child, parent, by=actor(writer), at=AT)
    made = actions.propose_reply(
        parent, "not_upheld", "录像", "经核查没有发现。", by=actor(writer), at=AT
    )
    actions.approve_reply(made, by=actor(second), at=AT)
    assert fresh(child).state == S.RESOLVED


# --- a child in danger, told to the wrong place ---------------------------------------------------


def test_the_inspectors_ring_the_alarm_when_a_child_is_in_danger():
    auditor, duty = makers.user(Role.AUDITOR), cases.duty()
    made = cases.complaint("C12")
    assert "raise_alarm" in labels(auditor, made)
    made = actions.raise_alarm(made, "C1", "说的是保育员打人", by=actor(auditor), at=AT)
    assert (made.lane, made.state) == ("red", S.RECEIVED)
    assert queries.may_see(made, duty)
    outbox.drain(AT)
    assert Notification.objects.filter(to=duty, kind="complaint.alarm").exists()


# --- the review goes to somebody else -------------------------------------------------------------


def reviewed(made):
    return actions.request_review(made, "没有查清", by=holder_of(made), at=AT)


def test_a_review_goes_to_neither_who_dealt_with_it_nor_who_wrote_the_reply(handler, approver):
    writer, third = cases.handler(), cases.handler()
    made = actions.propose_reply(
        cases.accepted(handler), "not_upheld", "票据", "收费与公示一致。", by=actor(writer), at=AT
    )
    made = reviewed(actions.approve_reply(made, by=actor(approver), at=AT))
    assert (made.first_handler, made.first_author) == (handler, writer)
    assert queries.assignable_to(made, DAY) == [third]
    assert made in casework.waiting_for(third)
    for person in (handler, writer):
        assert made not in casework.waiting_for(person)
        with pytest.raises(actions.CannotTake):
            actions.assign_complaint(made, person, by=actor(third), at=AT)
        with pytest.raises(NotAllowed):
            actions.propose_reply(made, "partly", "再查", "再查。", by=actor(person), at=AT)


def test_in_the_red_lane_neither_of_them_approves_the_review():
    first, second, third, fourth = (cases.duty() for _ in range(4))
    made = reviewed(cases.closed(first, second, category="C1"))
    made = actions.assign_complaint(made, third, by=actor(second), at=AT)
    made = actions.propose_reply(
        made, "not_upheld", "再查录像", "再次核查。", by=actor(third), at=AT
    )
    with pytest.raises(NotAllowed):
        actions.approve_reply(made, by=actor(first), at=AT)
    assert actions.approve_reply(made, by=actor(fourth), at=AT).state == S.RESOLVED


def test_a_case_without_a_handler_is_reviewed_too(approver):
    auditor = makers.user(Role.AUDITOR)
    made = actions.take_over_discipline(cases.complaint("C12"), by=actor(auditor), at=AT)
    made = actions.answer_discipline(made, "not_upheld", "已核查", by=actor(auditor), at=AT)
    made = reviewed(made)
    assert (made.first_handler, made.first_author) == (None, None)


# --- the day that 12345 has set -------------------------------------------------------------------

GIVEN = dt.date(2026, 11, 26)


@pytest.mark.proves("prod:J11")
def test_neither_a_question_nor_an_extension_moves_the_day_of_12345(handler, approver):
    made = cases.accepted(handler, external_number="PDS1", external_due=GIVEN, channel="hotline")
    assert made.finish_due == GIVEN
    made = actions.ask_complainant(made, "哪一天？", by=actor(handler), at=AT)
    later = AT + dt.timedelta(days=7)
    actions.add_by_complainant(made, "周一", by=holder_of(made), at=later)
    made = fresh(made)
    assert made.finish_due == GIVEN
    with pytest.raises(actions.GivenDay):
        actions.extend_clock(made, "复杂", by=actor(approver), at=later)
    assert "extend" not in labels(approver, made)


def test_another_category_keeps_the_days_that_were_given(handler, approver):
    made = cases.accepted(handler, category="C7")
    made = actions.extend_clock(made, "要等检测", by=actor(approver), at=AT)
    promised = made.finish_due
    actions.propose_category(made, "C6", "是人员问题", by=actor(handler), at=AT)
    made = actions.confirm_category(fresh(made), by=actor(approver), at=AT)
    assert made.category == "C6"
    assert made.finish_due == promised


def test_days_are_carried_over_where_there_are_days():
    day = dt.date(2026, 12, 1)
    assert rules.carried_over(day, day, day + dt.timedelta(days=30)) == dt.date(2026, 12, 31)
    assert rules.carried_over(day, day, day - dt.timedelta(days=3)) == day
    assert rules.carried_over(None, day, day) is None
    assert rules.carried_over(day, None, day) == day
    assert rules.carried_over(day, day, None) == day


# --- figures that a review does not change --------------------------------------------------------


@pytest.mark.proves("sec:C6")
def test_a_review_changes_neither_the_quarter_nor_what_was_in_time(handler, approver):
    late = AT + dt.timedelta(days=60)
    made = [cases.proposed(handler, category="C9") for _ in range(6)]
    with time_machine.travel(late, tick=False):
        for number, each in enumerate(made):
            closing = AT if number else late
            made[number] = actions.approve_reply(each, by=actor(approver), at=closing)
        quarters = [(2026, 4), (2027, 1)]
        before = figures.quarter_figures(quarters, in_force(DAY))
        counted = reports.figures(handler, DAY, DAY, late.date())
        assert (counted["answered"], counted["in_time"]) == (6, 5)
        again = actions.request_review(made[0], "再查", by=holder_of(made[0]), at=late)
        during = figures.quarter_figures(quarters, in_force(DAY))
        other = cases.handler()
        actions.assign_complaint(again, other, by=actor(other), at=late)
        again = actions.propose_reply(
            fresh(again),
            "not_upheld",
            "再查",
            "再次核查。",
            by=actor(other),
            at=late,
        )
        again = actions.approve_reply(again, by=actor(approver), at=late)
        after = figures.quarter_figures(quarters, in_force(DAY))
        counted = reports.figures(handler, DAY, DAY, late.date())
        assert (counted["answered"], counted["in_time"]) == (6, 5), "late stays late"
    for one in (before, during, after):
        assert [part["totals"]["all"].count for part in one] == [
            part["totals"]["all"].count for part in before
        ]
        assert [part["results"] for part in one] == [part["results"] for part in before]
    assert again.first_closed_on == late.date()


@pytest.mark.proves("sec:C6")
def test_a_single_rejected_case_is_not_told_by_taking_away(handler, approver):
    for _ in range(7):
        cases.closed(handler, approver, category="C9")
    rejected = cases.complaint("C9")
    actions.reject_complaint(rejected, "not_ours", "请找别处", by=actor(handler), at=AT)
    shown = figures.quarter_figures([(2026, 4)], in_force(DAY))[0]
    assert shown["totals"]["all"].count == 8
    assert all(cell.is_hidden for _label, cell in shown["results"]), "8 - 7 would tell the one"


# --- upheld by a visit that took place ------------------------------------------------------------


def test_a_cancelled_visit_upholds_nothing_and_another_may_be_opened(handler):
    made = cases.accepted(handler, facility=register.facility())
    first = actions.open_visit(made, by=actor(handler), at=AT)
    assert actions.open_visit(fresh(made), by=actor(handler), at=AT) == first
    cancel_inspection(first, "人手不够", by=actor(makers.clerk()), at=AT)
    made = fresh(made)
    with pytest.raises(actions.NothingFollows):
        actions.propose_reply(made, "upheld", "票据", "属实。", by=actor(handler), at=AT)
    assert "open_inspection" in labels(handler, made)
    second = actions.open_visit(made, by=actor(handler), at=AT)
    assert second != first
    assert actions.open_visit(fresh(made), by=actor(handler), at=AT) == second
    assert fresh(made).steps.filter(kind="inspection").count() == 2


def test_what_a_review_does_not_uphold_any_more_counts_no_longer(handler, approver):
    place = register.facility()
    made = cases.accepted(handler, facility=place)
    actions.open_visit(made, by=actor(handler), at=AT)
    made = actions.propose_reply(fresh(made), "upheld", "票据", "属实。", by=actor(handler), at=AT)
    made = actions.approve_reply(made, by=actor(approver), at=AT)
    assert place.risk_facts.count() == 1
    points = FacilityRisk.objects.get(facility=place).points
    other = cases.handler()
    made = actions.assign_complaint(reviewed(made), other, by=actor(other), at=AT)
    made = actions.propose_reply(made, "not_upheld", "再查", "再次核查。", by=actor(other), at=AT)
    actions.approve_reply(made, by=actor(approver), at=AT)
    assert place.risk_facts.count() == 0
    assert FacilityRisk.objects.get(facility=place).points > points
