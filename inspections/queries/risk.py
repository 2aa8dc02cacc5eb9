"""The facts behind a risk class, as the rule takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from facilities.models import Facility
from facilities.workflow import OperatingStatus
from inspections.models import FacilityRisk, Finding, Inspection, RiskExplanation, RiskFact
from inspections.rules.deadlines import add_months
from inspections.rules.risk import FINDING, OPPOSITE, Fact
from inspections.workflow import AHEAD, NOT_OVER, TO_CORRECT, UNDER_WAY
from portal.core.models import User
from portal.core.queries import in_force

from .visits import supervised


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the class of one facility rests on: facts, newest visit, days of what was told."""

    facts: list[Fact] = field(default_factory=list)
    last_visit_on: dt.date | None = None
    told_on: list[dt.date] = field(default_factory=list)


def grounds(facilities: Collection[Facility], day: dt.date) -> dict[Any, Grounds]:
    """The grounds of each facility by its key, in three questions however many they are.

    Facts count within the months of the law up to the day, findings that are not over whatever
    their age; `told_on` are the days of what was told within the law's days of a spike.
    """
    law = in_force(day)
    since = add_months(day, -law.integer("risk.decay_months"))
    told_after = day - dt.timedelta(days=law.integer("risk.spike_days"))
    visited = dict(
        Inspection.objects.came_in()
        .filter(facility__in=facilities)
        .order_by()
        .values("facility")
        .annotate(day=Max("completed_on"))
        .values_list("facility", "day")
    )
    found = {each.pk: Grounds(last_visit_on=visited.get(each.pk)) for each in facilities}
    findings = Finding.objects.issued().filter(facility__in=facilities, annulled=False)
    for each in findings:
        if each.state in NOT_OVER or _since(each) >= since:
            found[each.facility_id].facts.append(_of_finding(each, day))
    first = min(since, told_after)
    for fact in RiskFact.objects.standing().filter(facility__in=facilities, day__gte=first):
        if since <= fact.day <= day:
            found[fact.facility_id].facts.append(_of_fact(fact))
        if fact.day > told_after:
            found[fact.facility_id].told_on.append(fact.day)
    return found


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


def first_counted(day: dt.date) -> dt.date:
    """The earliest day whose facts still count on `day`."""
    return add_months(day, -in_force(day).integer("risk.decay_months"))


def noted_by_hand(facility: Facility, user: User, day: dt.date) -> QuerySet[RiskFact]:
    """What persons noted about a facility and still counts, the newest first."""
    standing = RiskFact.objects.visible_to(user).standing()
    return standing.filter(facility=facility, by_hand=True, day__gte=first_counted(day))


def risks_for(user: User) -> QuerySet[FacilityRisk]:
    """The classes within reach, the worst first."""
    within = Facility.objects.visible_to(user).values("pk")
    return (
        FacilityRisk.objects.visible_to(user)
        .filter(facility__in=within)
        .select_related("facility__community")
    )


def with_planned(risks: QuerySet[FacilityRisk]) -> QuerySet[Any]:
    """The same, each with whether a visit is planned or under way."""
    going = Inspection.objects.filter(facility=OuterRef("facility"), state__in=[*AHEAD, *UNDER_WAY])
    return risks.annotate(is_planned=Exists(going))


def due_for_visit(day: dt.date, user: User) -> QuerySet[Any]:
    """Those within reach whose interval ends within days, and nobody has arranged a visit.

    A facility that pauses is looked at when it opens again.
    """
    near = day + dt.timedelta(days=in_force(day).integer("risk.arrange_days"))
    open_now = supervised().exclude(operating=OperatingStatus.SUSPENDED)
    return with_planned(risks_for(user)).filter(
        next_due_on__lte=near, is_planned=False, facility__in=open_now.values("pk")
    )


def not_computed_on(day: dt.date) -> QuerySet[Facility]:
    """Supervised facilities whose class was not computed on the day yet."""
    computed = FacilityRisk.objects.filter(facility=OuterRef("pk"), computed_on=day)
    return supervised().filter(~Exists(computed))


def unexplained() -> QuerySet[FacilityRisk]:
    """Classes that contradict the public grade, and nobody has said why or graded again."""
    opposite = Q(pk__in=[])
    for risk_class, grades in OPPOSITE.items():
        opposite |= Q(risk_class=risk_class, facility__quality_grade__in=grades)
    explained = RiskExplanation.objects.standing().filter(
        facility=OuterRef("facility"), risk_class=OuterRef("risk_class"),
        grade=OuterRef("facility__quality_grade"), grade_version=OuterRef("version"),
    )  # fmt: skip
    version = Coalesce("facility__grade_version", 0)
    return FacilityRisk.objects.annotate(version=version).filter(opposite, ~Exists(explained))


def explanations_of(facility: Facility) -> QuerySet[RiskExplanation]:
    """What was said about the contradiction, the newest first."""
    return RiskExplanation.objects.filter(facility=facility).select_related("written_by")
