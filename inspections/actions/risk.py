"""Facts that count for the risk class, and the class itself: computed, never published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from facilities.models import Facility
from inspections.models import FacilityRisk, RiskExplanation, RiskFact
from inspections.models.choices import NOTED_BY_HAND, RiskKind
from inspections.queries import risk as queries
from inspections.rules import risk
from inspections.workflow import Severity
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, one_at_a_time, record

from .problems import FactStruck, NoConflict
from .stepping import refuse_tied


@action
def record_risk_fact(  # ruff: ignore[too-many-arguments] - a fact has that many sides
    facility: Facility,
    kind: str,
    severity: str,
    day: dt.date,
    expires: dt.date | None,
    *,
    by: Actor,
    at: dt.datetime,
    once: str = "",
    by_hand: bool = False,
) -> RiskFact:
    """Tell that something counts for a facility, and compute its class again.

    `once` names the occasion to the caller alone: only its fingerprint is kept, so that the same
    thing told twice counts once and nobody can read where it came from (R26).
    """
    key = risk.fingerprint(once) if once else None
    one_at_a_time(f"risk:{facility.pk}")
    if key and (known := RiskFact.objects.filter(once=key).first()):
        return known
    made = RiskFact.objects.create(
        facility=facility, kind=RiskKind(kind).value, severity=Severity(severity).value,
        day=day, expires_on=expires, once=key, by_hand=by_hand,
    )  # fmt: skip
    record(made, "risk.fact", by=by, at=at, kind=kind, severity=severity)
    reassess(facility, at=at)
    return made


@action
def note_risk_fact(
    facility: Facility,
    given: Mapping[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
) -> RiskFact:
    """A person notes an incident or an untrue report: `kind`, `severity`, `day`, `reason`, `token`.

    The reason stands in the trail alone, so that the class never tells where it comes from (R26).
    The form sent twice notes it once. Raises Tied for whoever has a tie to the facility, FactStruck
    where just this was noted and struck, and ValueError for a kind that is not noted by hand.
    """
    refuse_tied(facility, by)
    if given["kind"] not in NOTED_BY_HAND:
        raise ValueError(given["kind"])
    one_at_a_time(f"risk:{facility.pk}")
    said = (given["kind"], given["severity"], given["day"], given["reason"])
    about = (facility.pk, given["token"], *said)
    once = ":".join(map(str, ("hand", *about)))
    known = RiskFact.objects.filter(once=risk.fingerprint(once)).first()
    if known is not None and known.struck_at:
        raise FactStruck
    if known is not None:
        return known
    made = record_risk_fact(
        facility, given["kind"], given["severity"], given["day"], None,
        by=by, at=at, once=once, by_hand=True,
    )  # fmt: skip
    record(made, "risk.noted", by=by, at=at, reason=given["reason"])
    return made


@action
def strike_risk_fact(fact: RiskFact, reason: str, *, by: Actor, at: dt.datetime) -> Facility:
    """What was noted by hand does not hold: it counts no longer, the trail keeps it.

    Raises Tied, and ValueError for what a part of the office has told: that part takes it back.
    """
    facility = fact.facility
    refuse_tied(facility, by)
    if not fact.by_hand:
        raise ValueError(fact.kind)
    one_at_a_time(f"risk:{facility.pk}")
    if RiskFact.objects.standing().filter(pk=fact.pk).update(struck_at=at):
        record(fact, "risk.struck", by=by, at=at, kind=fact.kind, reason=reason)
        reassess(facility, at=at)
    return facility


@action
def take_back_risk_fact(facility: Facility, *, by: Actor, at: dt.datetime, once: str) -> bool:
    """What was told of this occasion does not hold any more and counts no longer; False if unknown.

    A review decided otherwise: the line of the trail stays, the fact goes.
    """
    one_at_a_time(f"risk:{facility.pk}")
    known = RiskFact.objects.filter(facility=facility, once=risk.fingerprint(once)).first()
    if known is None:
        return False
    record(known, "risk.fact_taken_back", by=by, at=at, kind=known.kind, severity=known.severity)
    known.delete()
    reassess(facility, at=at)
    return True


@action
def reassess(facility: Facility, *, at: dt.datetime) -> FacilityRisk:
    """Compute the class of a facility as of today; a class that got worse or a spike is told."""
    one_at_a_time(f"risk:{facility.pk}")
    grounds = queries.grounds([facility], clock.day_of(at))
    return _assess(facility, grounds[facility.pk], at)


@action
def reassess_once(
    facility: Facility, *, at: dt.datetime, grounds: Mapping[Any, queries.Grounds]
) -> int:
    """As `reassess`, for the round of the calendar with its grounds; 1 unless done today.

    Whatever changed the grounds since they were read has computed the class itself, under the
    same lock, and is not overwritten.
    """
    one_at_a_time(f"risk:{facility.pk}")
    day = clock.day_of(at)
    if FacilityRisk.objects.filter(facility=facility, computed_on=day).exists():
        return 0
    _assess(facility, grounds[facility.pk], at)
    return 1


@action
def explain_conflict(
    facility: Facility, words: str, *, by: Actor, at: dt.datetime
) -> RiskExplanation:
    """Say why class and public grade may say opposite things; the same words twice are one.

    Raises NoConflict, and Tied for whoever has a tie to the facility.
    """
    refuse_tied(facility, by)
    one_at_a_time(f"risk:{facility.pk}")
    assessed = FacilityRisk.objects.filter(facility=facility).first()
    risk_class = assessed.risk_class if assessed else ""
    if not risk.in_conflict(risk_class, facility.quality_grade):
        raise NoConflict
    about = {
        "risk_class": risk_class,
        "grade": facility.quality_grade,
        "grade_version": facility.grade_version or 0,
    }
    standing = RiskExplanation.objects.standing().filter(facility=facility)
    if known := standing.filter(**about, words=words).first():
        return known
    standing.update(ended_at=at)
    made = RiskExplanation.objects.create(
        facility=facility, words=words, written_by=by.somebody, written_at=at, **about
    )
    record(made, "risk.explained", by=by, at=at, facility=facility.code, grade=made.grade,
           risk_class=risk_class)  # fmt: skip
    return made


def _assess(facility: Facility, grounds: queries.Grounds, at: dt.datetime) -> FacilityRisk:
    day = clock.day_of(at)
    law = in_force(day)
    result = risk.assess(grounds.facts, day, law)
    last = grounds.last_visit_on
    columns = {
        "points": result.points,
        "risk_class": result.risk_class,
        "held_high": result.held_high,
        "computed_on": day,
        "law_version": law.version[:64],
        "last_visit_on": last,
        "next_due_on": risk.next_visit_due(
            result.risk_class, last, facility.registered_on or facility.facts_on, law
        ),
    }
    made = FacilityRisk.objects.filter(facility=facility).first()
    before = made.risk_class if made else None
    if made is None:
        made = FacilityRisk.objects.create(facility=facility, **columns)
    else:
        for name, value in columns.items():
            setattr(made, name, value)
        made.save(update_fields=[*columns])
    if before is not None and before != made.risk_class:
        record(made, "risk.class_changed", by=Actor.calendar(), at=at,
               source=before, target=made.risk_class)  # fmt: skip
        RiskExplanation.objects.standing().filter(facility=facility).update(ended_at=at)
    _tell_spike(made, grounds.told_on, day, at)
    _tell_conflict(made, facility, day, at)
    return made


def _tell_conflict(
    assessed: FacilityRisk, facility: Facility, day: dt.date, at: dt.datetime
) -> None:
    """Class and public grade say opposite things: explain or evaluate again (prod:H4), once."""
    grade = facility.quality_grade
    if risk.in_conflict(assessed.risk_class, grade):
        people = staff_with(Role.CLERK, day) | staff_with(Role.APPROVER, day)
        once = f"{assessed.risk_class}:{grade}:{facility.grade_version}"
        outbox.notify(people, "risk.conflict", assessed, at=at, once=once)


def _tell_spike(assessed: FacilityRisk, days: list[dt.date], day: dt.date, at: dt.datetime) -> None:
    """Several things in a short time: somebody should look, once for each last day (prod:H7)."""
    if risk.is_spike(days, day, in_force(day)):
        people = staff_with(Role.CLERK, day) | staff_with(Role.APPROVER, day)
        outbox.notify(people, "risk.spike", assessed, at=at, once=str(max(days)))
