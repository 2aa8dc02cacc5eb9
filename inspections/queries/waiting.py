"""What waits for a person's hand: visits to send, approve and carry out, findings to look at."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from facilities.models import Facility
from inspections.models import FacilityRisk, Finding, Inspection, InspectionMember
from inspections.workflow import (
    TO_CORRECT,
    UNDER_WAY,
    FindingStatus,
    InspectionStatus,
    Severity,
)
from portal.core.models import User
from portal.core.roles import Role

from .risk import due_for_visit, unexplained

_NOTHING = Q(pk__in=[])


def visits_waiting(user: User) -> QuerySet[Inspection]:
    """Those the person goes to, those he sends people to, those he approves; the nearest first."""
    own = InspectionMember.objects.filter(user=user, left_at=None).values("inspection")
    wanted = Q(pk__in=own, state__in=[InspectionStatus.ASSIGNED, *UNDER_WAY])
    if user.has_role(Role.CLERK):
        wanted |= Q(state=InspectionStatus.PLANNED)
    if user.has_role(Role.APPROVER):
        waiting = Q(state=InspectionStatus.AWAITING_APPROVAL)
        wanted |= waiting & ~Q(proposed_by=user)
    found = Inspection.objects.visible_to(user).filter(wanted)
    return found.select_related("facility").order_by("due_on", "id")


def findings_waiting(user: User) -> QuerySet[Finding]:
    """Those to look at again, and those whose objection or wish for time is to be answered."""
    wanted = _NOTHING
    if user.has_role(Role.CLERK, Role.INSPECTOR):
        own_grave = Q(severity=Severity.CRITICAL, found_by=user)
        wanted |= Q(state=FindingStatus.REPORTED) & ~own_grave
    if user.has_role(Role.APPROVER):
        wanted |= Q(state=FindingStatus.DISPUTED) & ~Q(found_by=user)
        wanted |= Q(
            state__in=TO_CORRECT, extension_asked_on__isnull=False, extended_on=None,
            extension_refusal="",
        )  # fmt: skip
    found = Finding.objects.visible_to(user).issued().filter(wanted)
    return found.select_related("facility").order_by("recheck_due_on", "due_on", "id")


def conflicts_waiting(user: User) -> QuerySet[FacilityRisk]:
    """Facilities whose class contradicts the grade: to explain, or to have evaluated again."""
    if not user.has_role(Role.CLERK, Role.APPROVER):
        return FacilityRisk.objects.none()
    reach = Facility.objects.visible_to(user).order_by().values("pk")
    found = unexplained().filter(facility__in=reach)
    return found.select_related("facility").order_by("points", "facility")


def visits_to_arrange(user: User, day: dt.date) -> QuerySet[Any]:
    """Facilities whose class says that somebody should be there again soon: for whoever plans."""
    if not user.has_role(Role.CLERK):
        return FacilityRisk.objects.none()
    return due_for_visit(day, user)
