"""What the calendar and the acts do at their edges: nothing twice, too early or too late."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from evaluations import actions
from evaluations.models import DueEvaluation, EvaluationRound, Moderation, Recusal
from evaluations.queries import calendar, explain, public
from facilities.models import Facility
from portal.core import attachments
from portal.core.models import Attachment, User
from portal.core.queries import in_force
from tests import makers
from tests.evaluations import makers as own
from tests.evaluations.makers import actor

pytestmark = pytest.mark.django_db
AT, DAY = own.AT, dt.timedelta(days=1)


def client(person):
    made = Client()
    made.force_login(User.objects.get(pk=person.pk))
    return made


def due_of(place):
    """When the facility is evaluated next, and the hour of the day before."""
    _why, due = calendar.next_due(place, in_force(AT.date()))
    return due, dt.datetime.combine(due - DAY, dt.time(1), dt.UTC)


def test_a_facility_is_planned_when_its_day_is_near_and_once():
    own.published_set()
    makers.clerk()
    place = own.facility(registered_on=AT.date())
    assert actions.plan_facility(place, at=AT) == 0
    assert not DueEvaluation.objects.exists()
    due, near = due_of(place)
    assert actions.plan_facility(place, at=near) > 0
    assert actions.plan_facility(place, at=near) == 0
    assert DueEvaluation.objects.get().due_on == due


def test_who_was_in_a_round_that_was_given_up_is_taken_into_another_of_the_month():
    own.published_set()
    makers.clerk()
    place = own.facility(registered_on=AT.date())
    _due, near = due_of(place)
    actions.plan_facility(place, at=near)
    planned = DueEvaluation.objects.get()
    actions.begin_due(planned, at=near + DAY)
    planned.refresh_from_db()
    assert planned.round is not None
    approver = actor(makers.approver())
    actions.cancel_round(planned.round, "改期", by=approver, at=near + DAY)
    first = planned.round
    planned.refresh_from_db()
    assert planned.round is None
    assert actions.begin_due(planned, at=near + DAY) > 0  # the clerks are told of the new one
    planned.refresh_from_db()
    assert planned.round not in {None, first}
    assert planned.round.occasion == f"{first.occasion}:2"
    assert planned.round.title.endswith("（第2批）")


def test_a_facility_due_after_the_months_round_has_begun_gets_another_of_the_month():
    stage = own.setup(3)
    first, second, third = (
        DueEvaluation.objects.create(facility=place, why="regular", due_on=AT.date())
        for place in (own.facility() for _ in range(3))
    )
    actions.begin_due(first, at=AT)
    first.refresh_from_db()
    actions.draw_panel(first.round, by=actor(stage.clerk), at=AT)
    actions.start_round(first.round, by=actor(stage.approver), at=AT)
    for late in (second, third):
        actions.begin_due(late, at=AT + DAY)
        late.refresh_from_db()
    assert second.round == third.round != first.round
    assert second.round.state == "setup"
    assert {e.facility for e in second.round.evaluations.all()} == {
        second.facility, third.facility,
    }  # fmt: skip


def test_a_facility_whose_round_is_under_way_is_in_no_second_one():
    place = own.facility(registered_on=AT.date())
    _due, near = due_of(place)
    stage = own.setup(1, at=near - DAY)
    actions.choose_facilities(stage.round, [place], by=actor(stage.clerk), at=near - DAY)
    law = in_force(near.date())
    assert place not in calendar.nearly_due(near.date(), law)
    assert actions.plan_facility(place, at=near) == 0
    noted = DueEvaluation.objects.create(facility=place, why="new", due_on=near.date())
    actions.begin_due(noted, at=near)
    noted.refresh_from_db()
    assert noted.round == stage.round
    actions.cancel_round(stage.again(), "改期", by=actor(stage.approver), at=near)
    assert place in calendar.nearly_due(near.date(), law)


def test_no_round_starts_after_the_last_day_of_the_self_assessment():
    stage = own.drawn()
    due = stage.round.self_due
    late = dt.datetime.combine(due, dt.time(1), dt.UTC)
    with time_machine.travel(late, tick=False):
        desk, url = client(stage.approver), f"/desk/evaluations/{stage.round.number}/start/"
        assert "自评截止须晚于启动的那一天" in desk.post(url).content.decode()
        form = client(stage.clerk).post(
            f"/desk/evaluations/{stage.round.number}/setup/", {"self_due": due.isoformat()}
        )
        assert "自评截止须晚于今天" in form.content.decode()
    with pytest.raises(actions.NotReady) as refused:
        actions.start_round(stage.again(), by=actor(stage.approver), at=late)
    assert refused.value.why == ("self_due",)
    assert actions.start_round(stage.again(), by=actor(stage.approver), at=late - DAY)


def test_a_yearly_self_assessment_begun_on_its_last_day_still_has_its_days():
    own.published_set()
    own.facility()
    last = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)
    actions.begin_self_round(2026, at=last)
    made = EvaluationRound.objects.get(occasion="self:2026")
    assert made.self_due == last.date() + 20 * DAY
    assert actions.start_round(made, by=actor(makers.approver()), at=last).state != "setup"


def test_only_who_is_lowered_to_the_lowest_is_looked_at_sooner():
    stage = own.finished(1, {0: own.marks("1")})
    at, clerk, approver = AT + 400 * DAY, actor(stage.clerk), actor(stage.approver)
    rated = stage.round.finished_on
    for kind, grade, day in (
        ("correction", "B", rated), ("suspend", "B", rated), ("restore", "B", rated),
        ("lower", "C", rated), ("lower", "D", at.date()),
    ):  # fmt: skip
        asked = actions.propose_amendment(stage.evaluation(), kind, grade, "x", by=clerk, at=at)
        actions.grant_amendment(asked, by=approver, at=at)
        place = Facility.objects.get(pk=stage.facilities[0].pk)
        assert (place.graded_on, place.quality_grade) == (day, "" if kind == "suspend" else grade)


@pytest.mark.proves("prod:I5")
def test_a_tie_lasts_beyond_the_term_in_which_it_was_declared():
    stage = own.setup(2, pool=5)
    clerk, member = actor(stage.clerk), stage.pool[0]
    tie = actions.declare_tie(member, stage.facilities[0], "kinship", by=clerk, at=AT - DAY)
    actions.end_term(member, AT.date() - DAY, by=clerk, at=AT - DAY)
    values = {"field": member.field, "unit": member.unit, "term_from": AT.date()}
    again = actions.add_evaluator(member.user, values, by=clerk, at=AT)
    assert again != member
    assert actions.declare_tie(again, stage.facilities[0], "other", by=clerk, at=AT) == tie
    actions.draw_panel(stage.round, by=clerk, at=AT)
    away = stage.evaluation().recusals.get()
    assert (away.evaluator, away.ground) == (again, "kinship")


def test_no_reminder_without_a_day_or_after_it():
    stage = own.announced(1)
    round_ = stage.round
    round_.scoring_due = None
    assert actions.remind_of_scoring(round_, at=AT) == 0
    assert actions.remind_of_facts(stage.evaluation(), at=AT + 90 * DAY) == 0


def test_an_objection_keeps_its_files_and_its_answer_is_reminded_of():
    stage = own.announced(1, {0: own.marks("0.7")})
    notice = stage.round.notice_from
    at = dt.datetime.combine(notice, dt.time(4), dt.UTC)
    file = attachments.inspected(makers.pdf())
    objection = actions.file_objection(
        stage.evaluation(), "少算了", by=actor(stage.operators[0]), at=at, token=uuid.uuid4(),
        files=(file,),
    )  # fmt: skip
    assert Attachment.objects.of(objection).count() == 1
    before = dt.datetime.combine(objection.due_on - DAY, dt.time(1), dt.UTC)
    assert actions.remind_of_objection(objection, at=before) > 0


def test_one_item_agreed_on_leaves_the_others_open():
    stage = own.scoring()
    high, low = own.marks("0.9"), own.marks("0.5")
    for n, seat in enumerate(stage.seats):
        own.score(stage, seat, values=high if n else low)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    assert Moderation.objects.count() > 1
    first = Moderation.objects.filter(indicator__is_veto=False)[0]
    actions.agree(first, Decimal(1), "一致", by=actor(stage.leader), at=AT)
    assert Moderation.objects.filter(state="open").exists()


def test_a_result_without_a_chair_is_not_decided():
    stage = own.announced(1)
    clerk, at = actor(stage.clerk), AT + 30 * DAY
    actions.close_notice(stage.round, by=clerk, at=at)
    meeting = actions.call_meeting(stage.round, "decision", at, "会议室", by=clerk, at=at)
    present = stage.seats[:4]
    meeting = actions.hold_meeting(meeting, [s.pk for s in present], by=clerk, at=at)
    votes = {seat.pk: "yes" for seat in present}
    actions.record_votes(meeting, stage.evaluation(), votes, by=clerk, at=at)
    closed = actions.close_meeting(meeting, "四票同意。", by=clerk, at=at)
    for seat in present:
        Recusal.objects.create(
            evaluation=stage.evaluation(), evaluator=seat.evaluator, ground="other", since=at
        )
    with pytest.raises(actions.NotReady) as refused:
        actions.decide(stage.again(), closed, by=clerk, at=at)
    assert refused.value.why == ("chair",)


def upheld(stage, at):
    """An objection of the first facility that gives it more points."""
    for _ in range(3):
        own.evaluator("parent")
    objection = actions.file_objection(
        stage.evaluation(), "少算了", by=actor(stage.operators[0]), at=at, token=uuid.uuid4()
    )
    panel = actions.assign_objection(objection, by=actor(stage.clerk), at=at)
    lead = actor(panel.members.get(is_leader=True).evaluator.user)
    objection.refresh_from_db()
    change = {"5.1.1": {"points": "70", "reason": "核对名册"}}
    actions.propose_answer(objection, "属实", change, by=lead, at=at)
    objection.refresh_from_db()
    actions.answer_objection(objection, by=actor(stage.approver), at=at)


@pytest.mark.proves("prod:I11")
def test_the_public_reads_what_the_notice_said_until_the_decision():
    stage = own.announced(2, {0: own.marks("0.7"), 1: own.marks("0.5")})
    at, place = AT + 11 * DAY, stage.facilities[0]
    said, other = stage.evaluation(), stage.evaluation(1)
    upheld(stage, at)
    after = stage.evaluation()
    assert after.total != said.total
    addresses = (f"/disclosure/evaluations/{stage.round.number}/", f"/facilities/{place.code}/")
    with time_machine.travel(at, tick=False):
        for address in addresses:
            shown = Client().get(address).content.decode()
            assert f"{said.total} 分" in shown
            assert str(after.total) not in shown
    (row,) = public.history_of(place, at.date())
    assert (row.total, row.grade, row.result) == (said.total, said.grade, said.result)
    assert public.beside(stage.round, at.date()).total == (said.total + other.total) / 2
    names = {no: str(no) for no in range(1, 8)}
    told = [line["text"] for line in explain.lines(after.result, names)]
    assert any(text.startswith("5.1.1：经异议复核，改为 70.00 分") for text in told)
    later = AT + 30 * DAY
    actions.close_notice(stage.again(), by=actor(stage.clerk), at=later)
    own.decide(stage, at=later)
    text = actions.propose_result(stage.again(), by=actor(stage.clerk), at=later)
    gate = own.pass_gate(text, stage.approver, at=later)
    actions.finish(stage.again(), gate, by=actor(stage.clerk), at=later)
    (row,) = public.history_of(place, later.date())
    assert row.total == after.total
    assert public.beside(stage.again(), later.date()).total == (after.total + other.total) / 2
