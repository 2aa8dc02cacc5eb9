"""Substitutes once scoring has begun: for a facility with too few scorers, or for who drops out.

What was handed in stays and counts; only what nobody has handed in passes to another.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import cast

from evaluations.models import (
    Evaluation,
    EvaluationRound,
    Evaluator,
    Panel,
    PanelMember,
    ScoreSheet,
)
from evaluations.queries import committee
from evaluations.rules import CannotDraw
from evaluations.workflow import UNFINISHED, RoundStatus, SheetStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.workflow import action, apply

from .rounds import NotReady
from .scoring import require


@action
def add_scorer(evaluation: Evaluation, reason: str, *, by: Actor, at: dt.datetime) -> ScoreSheet:
    """The next substitute of the draw scores this facility beside the others.

    For a facility that recusals have left with too few scorers (`enough` when they are enough).
    Raises CannotDraw when no substitute is left who need not stay away.
    """
    round_ = require(evaluation.round, "substitute", RoundStatus.SCORING)
    if not reason.strip():
        raise NotReady(["reason"])
    live = evaluation.sheets.exclude(state=SheetStatus.RECUSED)
    if live.count() >= round_.terms.panel_size:
        raise NotReady(["enough"])
    apply(round_, "substitute", by=by, at=at, reason=reason, facility=evaluation.facility.code)
    seat = _seat_for(round_, evaluation, at)
    _note(seat, "", evaluation.facility.name, reason, clock.day_of(at))
    return _hand_over(seat, evaluation, at)


@action
def replace_while_scoring(
    member: PanelMember, reason: str, *, by: Actor, at: dt.datetime
) -> list[ScoreSheet]:
    """A member drops out: what he has not handed in passes to substitutes, the rest counts.

    Sent twice it is once: the second time nothing is left. Raises CannotDraw.
    """
    round_ = require(member.panel.round, "substitute", RoundStatus.SCORING)
    if not reason.strip():
        raise NotReady(["reason"])
    left = member.sheets.filter(state__in=UNFINISHED).select_related("evaluation__facility")
    waiting = [sheet.evaluation for sheet in left]
    apply(round_, "substitute", by=by, at=at, reason=reason, seat=member.order)
    left.delete()
    made = []
    for evaluation in waiting:
        seat = _seat_for(round_, evaluation, at)
        _note(seat, member.evaluator.unit, evaluation.facility.name, reason, clock.day_of(at))
        made.append(_hand_over(seat, evaluation, at))
    return made


def _seat_for(round_: EvaluationRound, evaluation: Evaluation, at: dt.datetime) -> PanelMember:
    """A substitute who sits already and does not score it yet, else the next of the draw."""
    panel = cast("Panel", committee.scoring_panel(round_))  # none is scored without
    seats = list(panel.members.select_related("evaluator__user"))
    keys = [uuid.UUID(key) for key in panel.record["substitutes"]]
    day = clock.day_of(at)
    serving = Evaluator.objects.in_term(day).select_related("user").in_bulk(keys)
    barred = committee.conflicts_of(list(serving.values()), [evaluation], day, round_.terms)
    away = {uuid.UUID(each.member) for each in barred}
    away |= set(evaluation.recusals.values_list("evaluator", flat=True))
    busy = set(evaluation.sheets.values_list("member__evaluator", flat=True))
    free = [key for key in keys if key in serving and key not in away | busy]
    sitting = {seat.evaluator_id: seat for seat in seats}
    for key in free:
        if key in sitting:
            return sitting[key]
    if not free:
        raise CannotDraw(["size"])
    order = max(seat.order for seat in seats) + 1
    return PanelMember.objects.create(panel=panel, evaluator=serving[free[0]], order=order)


def _hand_over(seat: PanelMember, evaluation: Evaluation, at: dt.datetime) -> ScoreSheet:
    made = ScoreSheet.objects.create(evaluation=evaluation, member=seat)
    round_ = seat.panel.round
    outbox.notify(
        [seat.evaluator.user], "round.drawn", round_, at=at, once=f"sheet:{made.pk}",
        due=round_.scoring_due,
    )  # fmt: skip
    return made


def _note(seat: PanelMember, unit: str, facility: str, reason: str, day: dt.date) -> None:
    """The record of the draw says who was called in for which facility, and why."""
    panel = seat.panel
    row = {"seat": seat.order, "from": unit, "to": seat.evaluator.unit, "facility": facility,
           "reason": reason, "day": day.isoformat()}  # fmt: skip
    panel.record = {**panel.record, "replaced": [*panel.record.get("replaced", []), row]}
    panel.save(update_fields=["record"])
