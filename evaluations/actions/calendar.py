"""What the calendar does: rounds that come by themselves, and reminders; safe to run twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import cast

from evaluations.models import (
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    Evaluator,
    ImprovementPlan,
    Objection,
)
from evaluations.models.choices import RoundKind
from evaluations.queries import calendar as queries
from evaluations.queries import scores
from evaluations.rules import schedule
from evaluations.workflow import RoundStatus
from facilities.models import Facility
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role
from portal.core.workflow import action, one_at_a_time, record

from .rounds import create_round, dissolve, operators_of

Marks = tuple[list[int], list[int]]  # how many days before and after a date


def marks(law: Regulation) -> Marks:
    """The days before and after a date on which somebody is reminded."""
    return _days(law, "evaluations.reminder_days"), _days(law, "evaluations.overdue_days")


def _days(law: Regulation, key: str) -> list[int]:
    found = law.value(key)
    return [int(str(n)) for n in found] if isinstance(found, list) else []


@action
def plan_facility(facility: Facility, *, at: dt.datetime) -> int:
    """Note that a facility is to be evaluated again by a day, once, when the day is near.

    Not while a round of it is under way.
    """
    day = clock.day_of(at)
    law = in_force(day)
    why, due = queries.next_due(facility, law)
    if due - dt.timedelta(days=law.integer("evaluations.plan_ahead_days")) > day:
        return 0
    if queries.round_of(facility) is not None:
        return 0
    one_at_a_time(f"due:{facility.pk}")
    made, is_new = DueEvaluation.objects.get_or_create(facility=facility, why=why, due_on=due)
    if not is_new:
        return 0
    record(made, "dueevaluation.planned", by=Actor.calendar(), at=at, why=why, due=due)
    clerks = staff_with(Role.CLERK, day)
    return outbox.notify(clerks, "due.planned", made, at=at, once="once", due=due)


@action
def begin_due(due: DueEvaluation, *, at: dt.datetime) -> int:
    """The day has come and no round has taken it up: the setup of one begins, a month together.

    Where the month's round has been started or given up, another of the month is set up; a
    facility that is in a round already is in no second one.
    """
    month = f"{due.due_on:%Y-%m}"
    one_at_a_time(f"due-month:{month}")
    made = queries.round_of(due.facility) or _round_of_month(due, f"due:{month}", at)
    DueEvaluation.objects.filter(pk=due.pk, round=None).update(round=made)
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    return outbox.notify(clerks, "due.today", due, at=at, once=made.number, due=due.due_on)


def _round_of_month(due: DueEvaluation, occasion: str, at: dt.datetime) -> EvaluationRound:
    """The month's round that is still being set up, with this facility in it; else a new one."""
    before = queries.rounds_of_month(occasion)
    made = before.filter(state=RoundStatus.SETUP).first()
    if made is None:
        number = before.count() + 1
        title = f"{due.due_on.year}年{due.due_on.month}月到期机构质量评估"
        return create_round(
            title if number == 1 else f"{title}（第{number}批）", RoundKind.REGULAR, [due.facility],
            by=Actor.calendar(), at=at,
            occasion=occasion if number == 1 else f"{occasion}:{number}",
        )  # fmt: skip
    Evaluation.objects.create(
        round=made, facility=due.facility, community_id=due.facility.community_id
    )
    dissolve(made, Actor.calendar(), at)  # a panel drawn without it has no sheets for it
    return made


@action
def begin_self_round(year: int, *, at: dt.datetime) -> int:
    """The year's self-assessment of all facilities in the register, once a year.

    It is no evaluation by anybody, so it starts without a second person's word.
    """
    day = clock.day_of(at)
    law = in_force(day)
    occasion = f"self:{year}"
    if EvaluationRound.objects.filter(occasion=occasion).exists():
        return 0
    due = schedule.day_in_year(year, law.text("evaluations.self_month_days", "due"))
    if due <= day:  # begun on the last day: no facility could hand anything in
        due = day + dt.timedelta(days=law.integer("evaluations.self_days"))
    made = create_round(
        f"{year}年度质量自评", RoundKind.SELF, queries.facilities_in_register(),
        by=Actor.calendar(), at=at, occasion=occasion, self_due=due,
    )  # fmt: skip
    people = staff_with(Role.CLERK, day) | staff_with(Role.APPROVER, day)
    return outbox.notify(people, "self.round", made, at=at, once="once", due=due)


# --- reminders ------------------------------------------------------------------------------------


def _remind(
    people: Iterable[User], kind: str, noun: object, due: dt.date, at: dt.datetime,
    *, own_marks: Marks | None = None,
) -> int:  # fmt: skip
    """Owe what this day's mark says about a date, once a mark."""
    day = clock.day_of(at)
    found = schedule.reminder(due, day, *(own_marks or marks(in_force(day))))
    if found is None:
        return 0
    side, days = found
    once = f"{due}:{side}:{days}"
    return outbox.notify(people, f"{kind}.{side}", noun, at=at, once=once, due=due)


@action
def remind_of_start(round_: EvaluationRound, *, at: dt.datetime) -> int:
    """The year's self-assessment the calendar has set up waits for the person who starts it."""
    day = clock.day_of(at)
    waiting = _days(in_force(day), "evaluations.start_reminder_days")
    people = staff_with(Role.APPROVER, day)
    since = clock.day_of(round_.created_at)
    return _remind(people, "self_start", round_, since, at, own_marks=([], waiting))


@action
def remind_of_term(member: Evaluator, *, at: dt.datetime) -> int:
    """The term of a member of the pool runs out: the member and the clerks."""
    day = clock.day_of(at)
    people = [*staff_with(Role.CLERK, day).exclude(pk=member.user_id), member.user]
    before = _days(in_force(day), "evaluations.term_reminder_days")
    last = cast("dt.date", member.term_to)  # an open term is not asked about
    return _remind(people, "term_due", member, last, at, own_marks=(before, []))


@action
def remind_of_self(evaluation: Evaluation, *, at: dt.datetime) -> int:
    """The facility has not handed in its own assessment."""
    people = operators_of(evaluation.facility)
    return _remind(people, "self_due", evaluation, evaluation.round.self_due, at)


@action
def remind_of_scoring(round_: EvaluationRound, *, at: dt.datetime) -> int:
    """Members whose sheets are missing; the clerks too once the day has passed."""
    if round_.scoring_due is None:
        return 0
    day = clock.day_of(at)
    late = {each.member.evaluator.user for each in scores.unfinished(round_)}
    people: list[User] = sorted(late, key=lambda person: person.pk)
    if people and day > round_.scoring_due:
        people += list(staff_with(Role.CLERK, day))
    return _remind(people, "scoring_due", round_, round_.scoring_due, at)


@action
def remind_of_objection(objection: Objection, *, at: dt.datetime) -> int:
    """The answer is due: the reviewers and the clerks."""
    people = [*queries.reviewers_of(objection), *staff_with(Role.CLERK, clock.day_of(at))]
    return _remind(people, "objection_due", objection, objection.due_on, at)


@action
def remind_of_plan(plan: ImprovementPlan, *, at: dt.datetime) -> int:
    """The plan for improvement is due."""
    people = operators_of(plan.evaluation.facility)
    return _remind(people, "plan_due", plan, plan.due_on, at)


@action
def remind_of_facts(evaluation: Evaluation, *, at: dt.datetime) -> int:
    """The days to check the facts, and the days of the notice, run out."""
    round_ = evaluation.round
    due = round_.facts_due if round_.state == "fact_check" else round_.notice_until
    if due is None or clock.day_of(at) > due:
        return 0
    kind = "facts_due" if round_.state == "fact_check" else "notice_due"
    return _remind(operators_of(evaluation.facility), kind, evaluation, due, at)
