"""What register, visits and complaints know of a facility, beside its scores: counts and days.

Upheld complaints are read from where their app tells of them: the facts that count for the risk
class. A fact does not say where it came from (R26); what the evaluation itself has told is left
out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

from evaluations.models import Decision
from facilities.models import Certificate
from inspections.models import Finding, Inspection, InspectionMember, RiskFact
from inspections.models.choices import RiskKind
from inspections.rules.risk import fingerprint
from inspections.workflow import DONE, NOT_OVER, FindingStatus, Severity
from portal.core.models import Attachment

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known: counts and the last day, never what called for a visit (R14)."""

    visits: int
    last_visit: dt.date | None
    findings: int
    open_findings: int
    serious: int
    complaints: int


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
    """Visits since a day, the findings issued, and complaints upheld, in four questions at most.

    A closed door is no visit: nobody has seen the children.
    """
    carried_out = Inspection.objects.came_in().filter(facility=facility_id, completed_on__gte=since)
    done = carried_out.order_by().aggregate(n=Count("pk"), last=Max("completed_on"))
    found = Finding.objects.issued().filter(
        facility=facility_id, issued_on__gte=since, annulled=False
    )
    counted = found.order_by().aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(state__in=NOT_OVER)),
        serious=Count("pk", filter=Q(severity__in=["critical", "major"])),
    )
    return Facts(
        done["n"], done["last"], counted["all"], counted["open"], counted["serious"],
        complaints=_upheld(facility_id, since),
    )  # fmt: skip


def grave_findings(facilities: Collection[uuid.UUID]) -> QuerySet[Finding]:
    """What is proven and of the gravest kind: issued, not annulled, not in dispute."""
    proven = Finding.objects.issued().filter(annulled=False).exclude(state=FindingStatus.DISPUTED)
    return proven.filter(facility__in=facilities, severity=Severity.CRITICAL).order_by("issued_on")


def grade_told(evaluation: uuid.UUID, version: int) -> str:
    """The occasion on which a low grade is told as a fact for the risk class."""
    return f"grade:{evaluation}:{version}"


def _upheld(facility_id: uuid.UUID, since: dt.date) -> int:
    """What was told as a concern since a day, but for the grades of the facility."""
    told = RiskFact.objects.filter(facility=facility_id, kind=RiskKind.CONCERN, day__gte=since)
    prints = list(told.order_by().values_list("once", flat=True))
    if not prints:
        return 0
    versions = Decision.objects.filter(evaluation__facility=facility_id).order_by()
    grades = versions.values_list("evaluation", "version")
    ours = {fingerprint(grade_told(*each)) for each in grades}
    return sum(each not in ours for each in prints)


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
