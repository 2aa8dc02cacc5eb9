"""What is asked of a meeting."""

from __future__ import annotations

from evaluations.models import Attendance, Evaluation, Meeting, PanelMember, Recusal


def attendances_of(meeting: Meeting) -> list[Attendance]:
    """Who was called, in the order of the seats."""
    found = meeting.attendances.select_related("member__evaluator__user")
    return list(found.order_by("member__order"))


def voters_of(meeting: Meeting, evaluation: Evaluation) -> list[PanelMember]:
    """Who is there and need not stay away from the facility."""
    away = Recusal.objects.filter(evaluation=evaluation).values("evaluator")
    here = PanelMember.objects.filter(attendances__meeting=meeting, attendances__is_present=True)
    seats = here.exclude(evaluator__in=away).select_related("evaluator__user")
    return list(seats.order_by("order"))
