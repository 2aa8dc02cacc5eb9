"""The facts behind a risk class, as the rule takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max, QuerySet

from facilities.models import Facility
from inspections.models import FacilityRisk, Finding, Inspection, RiskFact
from inspections.rules.risk import FINDING, Fact
from inspections.workflow import DONE, NOT_OVER, TO_CORRECT
from portal.core.models import User


def facts_of(facility: Facility, day: dt.date, since: dt.date) -> list[Fact]:
    """Everything that may count on the day: findings of the time, open ones, told facts."""
    findings = Finding.objects.issued().filter(facility=facility, annulled=False)
    counted = [f for f in findings if f.state in NOT_OVER or _since(f) >= since]
    told = RiskFact.objects.filter(facility=facility, day__gte=since, day__lte=day)
    return [*(_of_finding(f, day) for f in counted), *(_of_fact(fact) for fact in told)]


def _since(finding: Finding) -> dt.date:
    return finding.issued_on or dt.date.min


def _of_finding(finding: Finding, day: dt.date) -> Fact:
    late = finding.state in TO_CORRECT and finding.due_on < day
    return Fact(
        FINDING, finding.severity, _since(finding), None,
        is_open=finding.state in NOT_OVER, overdue=late, label=finding.number,
    )  # fmt: skip


def _of_fact(fact: RiskFact) -> Fact:
    return Fact(fact.kind, fact.severity, fact.day, fact.expires_on, label=fact.kind)


def last_visit_on(facility: Facility) -> dt.date | None:
    """The newest visit that was carried out."""
    done = Inspection.objects.filter(facility=facility, state__in=DONE)
    newest: dt.date | None = done.aggregate(day=Max("completed_on"))["day"]
    return newest


def spike_days(facility: Facility, since: dt.date) -> list[dt.date]:
    """The days of what was told about a facility lately."""
    return list(
        RiskFact.objects.filter(facility=facility, day__gt=since).values_list("day", flat=True)
    )


def risks_for(user: User) -> QuerySet[FacilityRisk]:
    """The classes within reach, the worst first."""
    within = Facility.objects.visible_to(user).values("pk")
    return (
        FacilityRisk.objects.visible_to(user)
        .filter(facility__in=within)
        .select_related("facility__community")
    )


def due_for_visit(day: dt.date) -> QuerySet[FacilityRisk]:
    """Facilities whose next visit is due by the day."""
    return FacilityRisk.objects.filter(next_due_on__lte=day).select_related("facility")


def stale(facilities: Iterable[Facility]) -> list[Facility]:
    """Those without a class yet."""
    known = set(FacilityRisk.objects.values_list("facility", flat=True))
    return [facility for facility in facilities if facility.pk not in known]
