"""The pool of the committee: members, terms, ties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from django.core.exceptions import PermissionDenied

from evaluations.models import (
    EvaluationRound,
    Evaluator,
    Objection,
    PanelMember,
    Recusal,
    ScoreSheet,
    Tie,
)
from evaluations.workflow import UNDER_REVIEW, RoundStatus, SheetStatus
from facilities.models import Facility
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, one_at_a_time, record

# Until the scores are opened somebody can stay away without having seen those of others.
BLIND = (RoundStatus.SETUP, RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING)


class NotAnEvaluator(Exception):
    """The account does not hold the role of an evaluator on the first day of the term."""


def _keeps_the_pool(by: Actor) -> None:
    if not by.somebody.has_role(Role.CLERK, Role.APPROVER):
        raise PermissionDenied("the pool is kept by the office")


@action
def add_evaluator(
    user: User, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> Evaluator:
    """Take a person into the pool; a person has one open term. Raises NotAnEvaluator.

    `values`: `field`, `unit`, `term_from`, and perhaps `community`, `term_to`.
    """
    term_from: dt.date = values["term_from"]
    _keeps_the_pool(by)
    one_at_a_time(f"evaluator:{user.pk}")
    if not staff_with(Role.EVALUATOR, term_from).filter(pk=user.pk).exists():
        raise NotAnEvaluator(user.pk)
    running = Evaluator.objects.not_over(term_from).filter(user=user).first()
    if running:
        return running
    made = Evaluator.objects.create(
        user=user, field=values["field"], unit=values["unit"],
        community=values.get("community"), term_from=term_from, term_to=values.get("term_to"),
        added_by=by.somebody,
    )  # fmt: skip
    record(made, "evaluator.add", by=by, at=at, field=made.field)
    return made


@action
def end_term(member: Evaluator, on: dt.date, *, by: Actor, at: dt.datetime) -> Evaluator:
    """The member leaves the pool after this day; panels he sits on are not touched.

    A term that is over stays as it was.
    """
    _keeps_the_pool(by)
    fresh = cast("Evaluator", lock(member))
    if fresh.term_to is not None and fresh.term_to <= on:
        return fresh
    fresh.term_to = max(on, fresh.term_from)
    fresh.save(update_fields=["term_to"])
    record(fresh, "evaluator.end", by=by, at=at, on=on)
    return fresh


@action
def declare_tie(
    member: Evaluator, facility: Facility, ground: str, *, by: Actor, at: dt.datetime
) -> Tie:
    """A relation to a facility, told by the member himself or known to the office.

    In rounds whose scores are not opened yet he stays away from now on, as if it had been known at
    the draw; where too few are left the office calls in a substitute (`add_scorer`). An objection
    he was to look into goes to others.
    """
    if by.somebody.pk != member.user_id:
        _keeps_the_pool(by)
    for round_ in EvaluationRound.objects.filter(state__in=BLIND, evaluations__facility=facility):
        lock(round_)  # before the tie, as who declares for himself does
    one_at_a_time(f"tie:{member.user_id}:{facility.pk}")
    found = Tie.objects.filter(
        evaluator__user=member.user_id, facility=facility, ended_on=None
    ).first()
    if found:  # perhaps told in an earlier term
        return found
    made = Tie.objects.create(
        evaluator=member, facility=facility, ground=ground, declared_on=clock.day_of(at)
    )
    record(member, "evaluator.tie", by=by, at=at, facility=facility.code, ground=ground)
    sheets = ScoreSheet.objects.filter(
        member__evaluator__user=member.user_id, evaluation__facility=facility,
        evaluation__round__state__in=BLIND,
    )  # fmt: skip
    for sheet in sheets.exclude(state=SheetStatus.RECUSED):
        stay_away(sheet, ground, by=Actor.calendar(), at=at, is_computed=True)
    _leave_reviews(made, at)
    return made


def _leave_reviews(tie: Tie, at: dt.datetime) -> None:
    """Objections without an answer that he was to look into are drawn for again, without him."""
    seats = PanelMember.objects.filter(
        evaluator__user=tie.evaluator.user_id,
        panel__objection__evaluation__facility=tie.facility_id,
        panel__objection__state__in=UNDER_REVIEW,
    ).select_related("panel__objection__evaluation__round", "evaluator")
    nothing: dict[str, Any] = {
        "answer": "", "amendments": {}, "proposed_by": None, "return_reason": "",
    }  # fmt: skip
    for seat in seats:
        panel, objection = seat.panel, cast("Objection", seat.panel.objection)
        panel.delete()
        apply(
            objection, "redraw", by=Actor.calendar(), at=at, seed=panel.seed,
            sets=lambda _: nothing,
        )  # fmt: skip
        made, _is_new = Recusal.objects.get_or_create(
            evaluation=objection.evaluation, evaluator=seat.evaluator,
            defaults={"ground": tie.ground, "since": at, "is_computed": True},
        )  # fmt: skip
        _tell_clerks(made, at)


def stay_away(
    sheet: ScoreSheet, ground: str, *, by: Actor, at: dt.datetime, is_computed: bool = False
) -> Recusal:
    """The sheet counts for nothing from now on; the clerks are told."""
    apply(sheet, "recuse", by=by, at=at, ground=ground)
    evaluation, evaluator = sheet.evaluation, sheet.member.evaluator
    made = Recusal.objects.create(
        evaluation=evaluation, evaluator=evaluator, ground=ground, since=at, is_computed=is_computed
    )
    _tell_clerks(made, at)
    return made


def _tell_clerks(recusal: Recusal, at: dt.datetime) -> None:
    """Who stays away is told to the clerks, once; to himself never."""
    clerks = staff_with(Role.CLERK, clock.day_of(at)).exclude(pk=recusal.evaluator.user_id)
    outbox.notify(clerks, "round.recused", recusal.evaluation.round, at=at, once=str(recusal.pk))


@action
def end_tie(tie: Tie, *, by: Actor, at: dt.datetime) -> Tie:
    """The relation is over; the office says so, never the member himself."""
    _keeps_the_pool(by)
    if tie.evaluator.user_id == by.somebody.pk:
        raise PermissionDenied("nobody ends his own tie")
    fresh = cast("Tie", lock(tie))
    if fresh.ended_on is None:
        fresh.ended_on = clock.day_of(at)
        fresh.save(update_fields=["ended_on"])
        record(fresh.evaluator, "evaluator.tie_ended", by=by, at=at, facility=fresh.facility.code)
    return fresh
