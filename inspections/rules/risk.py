"""The internal risk class of a facility: points, each with its reason, and what follows from it.

A sum anybody can check by hand; nothing learns and nothing is hidden (prod:H6).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.core.regulation import Regulation

from .deadlines import add_months

LOW, MEDIUM, HIGH = "low", "medium", "high"
CLASSES = (LOW, MEDIUM, HIGH)
FINDING = "finding"
# The class of the office and the public grades that say the opposite (prod:H4).
OPPOSITE = {HIGH: ("A", "B"), LOW: ("D",)}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that counts: a finding, or a fact told by another part of the office."""

    kind: str
    severity: str
    day: dt.date
    expires: dt.date | None = None
    is_open: bool = False
    overdue: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One deduction: what for, how much, and until when it counts."""

    fact: Fact
    points: int
    until: dt.date


@dataclass(frozen=True, slots=True)
class Assessment:
    """The points, the class, every reason, and whether an open grave finding alone decides."""

    points: int
    risk_class: str
    reasons: tuple[Reason, ...]
    held_high: bool = False


def assess(facts: Iterable[Fact], day: dt.date, law: Regulation) -> Assessment:
    """The class of a facility on `day`; the weights are figures of the pack."""
    counted = [_reason(fact, law) for fact in facts]
    reasons = tuple(
        sorted(
            (r for r in counted if r.points and (r.until >= day or r.fact.is_open)),
            key=lambda r: (-r.points, r.fact.day, r.fact.label),
        )
    )
    points = max(0, law.integer("risk.start") - sum(reason.points for reason in reasons))
    held = any(r.fact.is_open and r.fact.severity == "critical" for r in reasons)
    return Assessment(points, HIGH if held else class_of(points, law), reasons, held)


def class_of(points: int, law: Regulation) -> str:
    """The class that belongs to a number of points."""
    if points >= law.integer("risk.low_from"):
        return LOW
    return MEDIUM if points >= law.integer("risk.medium_from") else HIGH


def _reason(fact: Fact, law: Regulation) -> Reason:
    if fact.kind == FINDING:
        points = law.integer("risk.finding_points", fact.severity)
    else:
        points = law.integer("risk.fact_points", f"{fact.kind}_{fact.severity}")
    if fact.overdue:
        points += -(-points * law.integer("risk.overdue_percent") // 100)
    until = add_months(fact.day, law.integer("risk.decay_months"))
    return Reason(fact, points, min(fact.expires, until) if fact.expires else until)


def next_visit_due(
    risk_class: str, last_visit: dt.date | None, since: dt.date, law: Regulation
) -> dt.date:
    """When somebody should be there again: the interval of the class, counted from the last visit.

    A facility nobody has visited is due from the day it stands in the register (`since`).
    """
    months = law.integer("risk.interval_months", risk_class)
    return add_months(last_visit or since, months)


def is_spike(days: Sequence[dt.date], day: dt.date, law: Regulation) -> bool:
    """Whether so many things happened within the days of the figure that somebody should look."""
    since = day - dt.timedelta(days=law.integer("risk.spike_days"))
    return sum(since < each <= day for each in days) >= law.integer("risk.spike_facts")


def in_conflict(risk_class: str, grade: str) -> bool:
    """Whether the office's class and the public grade say opposite things (prod:H4)."""
    return grade in OPPOSITE.get(risk_class, ())


def fingerprint(once: str) -> str:
    """What is kept of the occasion of a fact: enough to know it again, not to read it (R26)."""
    return hashlib.sha256(once.encode()).hexdigest()
