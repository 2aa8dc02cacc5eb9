"""The sheet before a visit: what those who go should know of the place, from what is known here.

What is open is told without where it comes from (R14, R26): a kind, how grave, and the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, prefetch_related_objects

from facilities.models import ClassGroup, Facility
from facilities.queries import ending, name_of, staff_counts, together
from facilities.queries.staff import StaffCounts
from inspections.models import Finding, Inspection, RiskFact
from portal.core.models import User
from portal.core.regulation import Regulation

from .visits import last_findings

EARLIER, MOST = 5, 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """Findings, papers that end, who cares for how many, and what else is open."""

    earlier: Sequence[Finding]
    ending: Sequence[dict[str, Any]]
    classes: Sequence[ClassGroup]
    staff: StaffCounts
    matters: Sequence[RiskFact]


def sheet_of(inspection: Inspection, user: User, law: Regulation, day: dt.date) -> Sheet:
    """The sheet for one who goes; the same number of questions however much there is."""
    facility = inspection.facility
    prefetch_related_objects([facility], "classes")  # the ratio counts the same ones
    return Sheet(
        earlier=last_findings(facility, EARLIER),
        ending=_ending(facility, law, day),
        classes=list(facility.classes.all()),
        staff=staff_counts(facility, law),
        matters=_matters(facility, user, day),
    )


def _ending(facility: Facility, law: Regulation, day: dt.date) -> list[dict[str, Any]]:
    """Papers that have ended or soon will; whose they are is looked up on site."""
    last = day + dt.timedelta(days=law.integer("materials.expiring_days"))
    rows = ending(Facility.objects.filter(pk=facility.pk), last=last)
    found = [
        row | {"thing": name_of(row["source_key"], row["what"], law), "is_over": row["until"] < day}
        for row in together(rows)
    ]
    return found[:MOST]


def _matters(facility: Facility, user: User, day: dt.date) -> list[RiskFact]:
    """What was told about the facility and still counts, for those who may read it."""
    counts = Q(expires_on=None) | Q(expires_on__gte=day)
    told = (
        RiskFact.objects.visible_to(user).standing().filter(counts, facility=facility, day__lte=day)
    )
    return list(told[:MOST])
