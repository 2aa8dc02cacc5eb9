"""Substitutes once scoring has begun: for a facility with too few scorers, or for who drops out.

What was handed in stays and counts; only what nobody has handed in passes to another. Who drops out
has no part in the round any more: neither its pages nor a vote.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import cast

from evaluations.models import (
    Attendance,
    Evaluation,
    EvaluationRound,
    Evaluator,
    Meeting,
    Panel,
    PanelMember,
    Recusal,
    ScoreSheet,
)
from evaluations.queries import committee
from evaluations.rules import CannotDraw
from evaluations.workflow import UNFINISHED, MeetingStatus, RoundStatus, SheetStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.workflow import action, apply, record

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
    _call_in(seat, at)
    _note(seat, "", evaluation.facility.name, reason, clock.day_of(at))
    return _hand_over(seat, evaluation, at)


@action
def replace_while_scoring(
    member: PanelMember, reason: str, *, by: Actor, at: dt.datetime
) -> list[ScoreSheet]:
    """A member drops out: what he has not handed in passes to substitutes, the rest counts.

    The first substitute has his place on the panel; where he led it, the next of the draw leads.
    Sent twice it is once: the second time nothing is left. Raises CannotDraw.
    """
    round_ = require(member.panel.round, "substitute", RoundStatus.SCORING)
    if not reason.strip():
        raise NotReady(["reason"])
    member.refresh_from_db(fields=["left_at", "is_leader", "for_round"])
    left = member.sheets.filter(state__in=UNFINISHED).select_related("evaluation__facility")
    waiting = [sheet.evaluation for sheet in left.order_by("evaluation__facility__sort_key")]
    apply(round_, "substitute", by=by, at=at, reason=reason, seat=member.order)
    left.delete()
    led = _leave(member, at)
    made: list[ScoreSheet] = []
    for evaluation in waiting:
        seat = _seat_for(round_, evaluation, at)
        if member.for_round and not made:
            seat.for_round = True
            seat.save(update_fields=["for_round"])
        _call_in(seat, at)
        _note(seat, member.evaluator.unit, evaluation.facility.name, reason, clock.day_of(at))
        made.append(_hand_over(seat, evaluation, at))
    if led:
        _lead(round_, by, at)
    return made


def _leave(member: PanelMember, at: dt.datetime) -> bool:
    """The seat is empty from here on, in meetings still to be held too; whether it led."""
    led = member.is_leader
    if member.left_at is None:
        member.left_at, member.is_leader = at, False
        member.save(update_fields=["left_at", "is_leader"])
        member.attendances.filter(meeting__state=MeetingStatus.CALLED).delete()
    return led


def _lead(round_: EvaluationRound, by: Actor, at: dt.datetime) -> None:
    """As in the draw: the first of those who are left leads."""
    heir = committee.standing_seats(round_).filter(for_round=True).first()
    if heir is not None:
        heir.is_leader = True
        heir.save(update_fields=["is_leader"])
        record(round_, "panel.leader", by=by, at=at, seat=heir.order)
        outbox.notify([heir.evaluator.user], "round.leads", round_, at=at, once=str(heir.pk))


def _call_in(seat: PanelMember, at: dt.datetime) -> None:
    """Who comes in comes to the meetings that are still to be held."""
    for meeting in Meeting.objects.filter(round=seat.panel.round_id, state=MeetingStatus.CALLED):
        Attendance.objects.get_or_create(meeting=meeting, member=seat)
        outbox.notify([seat.evaluator.user], "meeting.called", meeting, at=at, once="once")


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
    away |= {seat.evaluator_id for seat in seats if seat.left_at}
    busy = set(evaluation.sheets.values_list("member__evaluator", flat=True))
    free = [key for key in keys if key in serving and key not in away | busy]
    sitting = {seat.evaluator_id: seat for seat in seats}
    for key in free:
        if key in sitting:
            return sitting[key]
    if not free:
        raise CannotDraw(["size"])
    order = max(seat.order for seat in seats) + 1
    made = PanelMember.objects.create(
        panel=panel, evaluator=serving[free[0]], order=order, for_round=False
    )
    _keep_away(made, round_, at)
    return made


def _keep_away(seat: PanelMember, round_: EvaluationRound, at: dt.datetime) -> None:
    """Who comes in stays away from every facility he is tied to, not only from those he scores."""
    facilities = {str(each.facility_id): each for each in round_.evaluations.all()}
    found = committee.conflicts_of(
        [seat.evaluator], list(facilities.values()), clock.day_of(at), round_.terms
    )
    Recusal.objects.bulk_create(
        [
            Recusal(
                evaluation=facilities[each.facility], evaluator=seat.evaluator,
                ground=each.ground, is_computed=True, since=at,
            )
            for each in found
        ],
        ignore_conflicts=True,
    )  # fmt: skip


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
