"""What time brings: three years, ten facilities, every reminder and evaluation on its day, once."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from typing import Any

import pytest
import time_machine

from evaluations import actions, tasks
from evaluations.models import DueEvaluation, Evaluation, EvaluationRound
from evaluations.queries import calendar
from evaluations.rules.schedule import add_months
from facilities.actions import record_grade
from facilities.models import Facility
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import Notification, Outbox, User
from portal.core.queries import remembered
from tests import makers

from . import makers as own

AT, DAY = own.AT, own.DAY
FIRST = dt.date(2027, 1, 1)
pytestmark = pytest.mark.django_db
JOBS = (
    tasks.plan_evaluations, tasks.begin_self_assessments, tasks.end_self_assessments,
    tasks.take_up_publications, tasks.close_notices, tasks.remind_of_days,
)  # fmt: skip


def night(day: dt.date, times: int = 1) -> None:
    """The calendar's round at half past midnight in Shanghai, perhaps more than once."""
    at = dt.datetime.combine(day - DAY, dt.time(16, 30), dt.UTC)
    with remembered():
        for _ in range(times):
            for job in JOBS:
                job(at)


@pytest.mark.proves("clause:二(五)2b", "clause:二(五)2c")
def test_three_years_of_the_calendar_say_everything_once_on_its_day() -> None:
    """Rounds come twice a night now and then, and nights are missed as if workers had died."""
    own.published_set()
    clerk = makers.clerk()
    places = [
        own.facility(registered_on=dt.date(2026, 3, 1) + dt.timedelta(days=31 * n))
        for n in range(10)
    ]
    expected, graded = story(places)
    lived = nights({due for _place, _why, due in expected} | set(graded))
    for offset in range(3 * 365):
        day = FIRST + dt.timedelta(days=offset)
        if day in graded:
            place, grade = graded[day]
            rated(place, grade, day)
        if day in lived and offset % 17:
            night(day, times=2 if offset % 5 == 0 else 1)
    found = Counter(DueEvaluation.objects.values_list("facility", "why", "due_on"))
    assert found == expected
    assert set(found.values()) == {1}
    for year in (2027, 2028, 2029):
        assert EvaluationRound.objects.filter(occasion=f"self:{year}").count() == 1
    each_was_told_once_on_its_day(clerk)


def rated(place: Facility, grade: str, day: dt.date) -> None:
    """The round of a facility has come to its end, and with it a grade."""
    EvaluationRound.objects.open().filter(evaluations__facility=place).exclude(kind="self").update(
        state="final", finished_on=day
    )
    record_grade(place, grade, day, 1, by=Actor.calendar(), at=AT)


def nights(days: set[dt.date]) -> set[dt.date]:
    """Nights on which something may come (with the one before and after), and others by chance.

    Between them nothing is due; a thousand empty nights would only cost a minute.
    """
    marked = days | {day - 30 * DAY for day in days}
    marked |= {dt.date(FIRST.year + n, month, day) for n in range(3)
               for month, day in ((11, 1), (11, 23), (11, 29), (12, 1))}  # fmt: skip
    found = {day + step * DAY for day in marked for step in (-1, 0, 1)}
    chance = random.Random(2027)
    return found | {FIRST + chance.randrange(3 * 365) * DAY for _ in range(60)}


def story(
    places: list[Facility],
) -> tuple[Counter[tuple[Any, str, dt.date]], dict[dt.date, tuple[Facility, str]]]:
    """What must come, worked out apart: the first evaluation of all, three graded thereafter."""
    expected: Counter[tuple[Any, str, dt.date]] = Counter()
    graded = {}
    for n, place in enumerate(places):
        first = add_months(place.registered_on or AT.date(), 12)
        expected[place.pk, "new", first] += 1
        if n < 3:
            on = first + 40 * DAY
            graded[on] = (place, "D" if n else "B")
            again = add_months(on, 6 if n else 36)
            if again <= dt.date(2030, 1, 30):
                expected[place.pk, "failed" if n else "regular", again] += 1
    return expected, graded


def each_was_told_once_on_its_day(clerk: User) -> None:
    told = Outbox.objects.filter(payload__to=str(clerk.pk), payload__kind="due.today")
    assert told.count() == DueEvaluation.objects.filter(round__isnull=False).count() > 10
    assert not DueEvaluation.objects.filter(round=None, due_on__lt=dt.date(2029, 12, 1)).exists()
    shanghai = dt.timezone(dt.timedelta(hours=8))
    for row in told:
        due = dt.date.fromisoformat(row.payload["params"]["due"])
        local = row.due_at.astimezone(shanghai).date()
        assert due <= local <= due + DAY  # a missed night is made up on the next


def test_reminders_come_before_and_after_the_day_each_once() -> None:
    stage = own.drawn()
    actions.start_round(stage.again(), by=own.actor(stage.approver), at=AT)
    due = stage.again().self_due
    seen = []
    for offset in range((due - AT.date()).days + 1):
        day = AT.date() + dt.timedelta(days=offset)
        night(day, times=2)
        told = Outbox.objects.filter(payload__kind__startswith="self_due").count()
        seen.append((day, told))
    changes = [day for (day, n), (_d, before) in zip(seen[1:], seen, strict=False) if n > before]
    assert changes == [due - 7 * DAY, due - DAY]
    night(due + DAY)
    assert stage.again().state == "scoring"
    assert tasks.end_self_assessments(AT + 60 * DAY) == 0
    scoring_due = stage.round.scoring_due
    assert scoring_due is not None
    for offset in (-7, -1, 1, 7):
        night(scoring_due + dt.timedelta(days=offset), times=2)
    mine = str(stage.user(stage.seats[0]).pk)
    kinds = Outbox.objects.filter(payload__to=mine, payload__kind__startswith="scoring_due")
    assert Counter(kinds.values_list("payload__kind", flat=True)) == {
        "scoring_due.before": 2, "scoring_due.after": 2,
    }  # fmt: skip
    late = Outbox.objects.filter(payload__to=str(stage.clerk.pk), payload__kind="scoring_due.after")
    assert late.count() == 2


def test_facts_notice_objection_and_plan_are_reminded_of() -> None:
    stage = own.announced(1, {0: own.marks("0.7")})
    until = stage.round.notice_until
    assert until is not None
    night(until - DAY, times=2)
    assert Outbox.objects.filter(payload__kind="notice_due.before").count() == 1
    night(until + DAY)
    assert stage.again().state == "decision"
    done = own.finished(1, {0: own.marks("0.7")})
    plan = done.evaluation().plan
    night(plan.due_on - DAY)
    night(plan.due_on + DAY)
    kinds = Outbox.objects.filter(payload__kind__startswith="plan_due")
    assert sorted(kinds.values_list("payload__kind", flat=True)) == [
        "plan_due.after", "plan_due.before",
    ]  # fmt: skip


def test_a_yearly_round_nobody_starts_and_a_term_that_ends_are_reminded_of() -> None:
    own.published_set()
    own.facility()
    approver = makers.approver()
    opens = dt.date(2027, 11, 1)
    clerk = own.actor(makers.clerk())
    member = own.evaluator()
    actions.end_term(member, opens + 60 * DAY, by=clerk, at=AT)
    for days in (0, 1, 2, 3, 4, 9, 10, 11, 20, 29, 60):
        night(opens + days * DAY, times=2)
    mine = Outbox.objects.filter(payload__to=str(approver.pk))
    kinds = Counter(mine.values_list("payload__kind", flat=True))
    assert (kinds["self.round"], kinds["self_start.after"]) == (1, 3)
    own_word = Outbox.objects.filter(payload__to=str(member.user_id))
    kinds = Counter(own_word.values_list("payload__kind", flat=True))
    assert kinds == {"term_due.before": 2}  # sixty days before; on the last day what was missed
    with time_machine.travel(AT + 500 * DAY, tick=False):
        outbox.drain(AT + 500 * DAY)
    told = Notification.objects.filter(to=approver, kind="self_start.after")
    titles = set(told.values_list("title", flat=True))
    assert titles == {"年度自评还没有启动，请核对后启动：2027年度质量自评"}
    assert {row.url for row in Notification.objects.filter(to=member.user)} == {"/panel/"}
    assert member.url_for(makers.clerk()) == "/desk/evaluators/"


def test_every_message_has_its_words() -> None:
    """Whatever the acts of a whole round owe is delivered."""
    stage = own.finished(1, {0: own.marks("0.7")})
    actions.submit_plan(
        stage.evaluation().plan, "培训", AT.date() + 60 * DAY, by=own.actor(stage.operators[0]),
        at=AT + 31 * DAY,
    )  # fmt: skip
    with time_machine.travel(AT + 40 * DAY, tick=False):
        outbox.drain(AT + 40 * DAY)
    waiting = Outbox.objects.filter(kind="notify", done_at=None)
    assert [row.payload["kind"] for row in waiting] == []
    titles = set(Notification.objects.values_list("title", flat=True))
    assert "请进行质量自评：2026年质量评估" in titles
    assert "评估结果已公布：2026年质量评估" in titles


def test_a_year_without_a_published_set_begins_nothing() -> None:
    own.facility()
    assert tasks.begin_self_assessments(dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)) == 0
    assert tasks.plan_evaluations(AT) == 0
    assert EvaluationRound.objects.count() == 0


def test_the_yearly_self_assessment_has_every_facility_and_ends_by_itself() -> None:
    own.published_set()
    makers.clerk()
    approver = makers.approver()
    places = [own.facility() for _ in range(3)]
    at = dt.datetime(2026, 11, 1, 1, tzinfo=dt.UTC)
    assert tasks.begin_self_assessments(at - 2 * DAY) == 0
    assert tasks.begin_self_assessments(at) >= 1  # every clerk is told of the one round
    assert tasks.begin_self_assessments(at + DAY) == 0
    made = EvaluationRound.objects.get()
    assert (made.kind, made.self_due) == ("self", dt.date(2026, 11, 30))
    assert Evaluation.objects.filter(round=made).count() == len(places)
    actions.start_round(made, by=own.actor(approver), at=at)
    assert tasks.end_self_assessments(dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)) == 1
    made.refresh_from_db()
    assert (made.state, made.finished_on) == ("final", dt.date(2026, 12, 1))


def test_what_is_due_is_read_in_two_questions(django_assert_max_num_queries: Any) -> None:
    own.published_set()
    for n in range(12):
        own.facility(registered_on=AT.date() - dt.timedelta(days=400 + n))
    law = tasks.in_force(AT.date())
    with django_assert_max_num_queries(3):
        assert len(calendar.nearly_due(AT.date(), law)) == 12
