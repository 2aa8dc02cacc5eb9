"""What the calendar and the acts do at their edges: nothing twice, too early or too late."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest

from evaluations import actions
from evaluations.models import DueEvaluation, Moderation, Recusal
from evaluations.queries import calendar
from portal.core import attachments
from portal.core.models import Attachment
from portal.core.queries import in_force
from tests import makers
from tests.evaluations import makers as own
from tests.evaluations.makers import actor

pytestmark = pytest.mark.django_db
AT, DAY = own.AT, dt.timedelta(days=1)


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


def test_a_round_of_the_month_that_was_given_up_takes_nobody_in():
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
    planned.refresh_from_db()
    actions.begin_due(planned, at=near + DAY)
    planned.refresh_from_db()
    assert planned.round is None


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
