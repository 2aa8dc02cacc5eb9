"""What the register and the visits know about a facility, beside its scores: counts and days."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from facilities.models import Certificate
from inspections.models import Finding, Inspection, InspectionMember
from inspections.workflow import DONE, NOT_OVER
from portal.core.models import Attachment

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known from visits: counts and the last day, never what called for a visit (R14)."""

    visits: int
    last_visit: dt.date | None
    findings: int
    open_findings: int
    serious: int


def inspected_since(
    day: dt.date, persons: Collection[uuid.UUID], facilities: Collection[uuid.UUID]
) -> list[Pair]:
    """Which of these persons has been at which facility for a visit since a day."""
    been = InspectionMember.objects.filter(
        user__in=persons,
        left_at=None,
        inspection__facility__in=facilities,
        inspection__state__in=DONE,
        inspection__completed_on__gte=day,
    )
    return list(been.values_list("user", "inspection__facility").distinct().order_by())


def visits_of(facility_id: uuid.UUID, since: dt.date) -> Facts:
    """Visits carried out since a day and the findings issued with them, in two questions."""
    carried_out = Inspection.objects.filter(
        facility=facility_id, state__in=DONE, completed_on__gte=since
    )
    done = carried_out.order_by().aggregate(n=Count("pk"), last=Max("completed_on"))
    found = Finding.objects.issued().filter(
        facility=facility_id, issued_on__gte=since, annulled=False
    )
    counted = found.order_by().aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(state__in=NOT_OVER)),
        serious=Count("pk", filter=Q(severity__in=["critical", "major"])),
    )
    return Facts(done["n"], done["last"], counted["all"], counted["open"], counted["serious"])


def documents_of(facility_id: uuid.UUID) -> list[Certificate]:
    """The papers the register holds: offered as evidence, never asked for again."""
    found = Certificate.objects.filter(facility=facility_id, is_current=True)
    return list(found.select_related("source"))


def files_of(certificates: Collection[Certificate]) -> dict[uuid.UUID, list[Attachment]]:
    """The files of these papers by paper, in one question."""
    sources = {each.source_id: each.pk for each in certificates}
    found: dict[uuid.UUID, list[Attachment]] = {each.pk: [] for each in certificates}
    for file in Attachment.objects.filter(noun_id__in=sources).present():
        found[sources[file.noun_id]].append(file)
    return found
