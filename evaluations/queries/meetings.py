"""What is asked of a meeting."""

from __future__ import annotations

import uuid

from evaluations.models import Attendance, Evaluation, Meeting, PanelMember, Recusal, ScoreSheet
from evaluations.workflow import SheetStatus


def attendances_of(meeting: Meeting) -> list[Attendance]:
    """Who was called, in the order of the seats."""
    found = meeting.attendances.select_related("member__evaluator__user")
    return list(found.order_by("member__order"))


def voters_of(meeting: Meeting, evaluation: Evaluation) -> list[PanelMember]:
    """Who is there and may vote on the facility, in the order of the seats."""
    found = voters(meeting).get(evaluation.pk, [])
    return sorted(found, key=lambda seat: seat.order)


def voters(meeting: Meeting, *, present_only: bool = True) -> dict[uuid.UUID, list[PanelMember]]:
    """Who may vote on each facility of the round, the leader first; in four questions.

    The members of the panel who need not stay away from it; a substitute for single facilities
    votes on those he scored.
    """
    called = meeting.attendances.filter(member__left_at=None)
    called = called.filter(is_present=True) if present_only else called
    rows = called.select_related("member__evaluator__user")
    seats = [
        each.member
        for each in rows.order_by("-member__is_leader", "-member__for_round", "member__order")
    ]
    away = _away(meeting)
    scored = set(
        ScoreSheet.objects.filter(evaluation__round=meeting.round_id, member__for_round=False)
        .exclude(state=SheetStatus.RECUSED)
        .values_list("evaluation", "member")
    )
    evaluations = Evaluation.objects.filter(round=meeting.round_id).values_list("pk", flat=True)
    return {
        pk: [
            seat
            for seat in seats
            if seat.evaluator_id not in away.get(pk, ())
            and (seat.for_round or (pk, seat.pk) in scored)
        ]
        for pk in evaluations
    }


def _away(meeting: Meeting) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Who stays away, by evaluation."""
    away: dict[uuid.UUID, set[uuid.UUID]] = {}
    rows = Recusal.objects.filter(evaluation__round=meeting.round_id)
    for evaluation, evaluator in rows.values_list("evaluation", "evaluator"):
        away.setdefault(evaluation, set()).add(evaluator)
    return away
