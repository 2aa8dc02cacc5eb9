"""The mirror of the health department's filing: what was seen there, when, by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from facilities.models import Facility, StatutoryCheck, StatutoryFiling
from facilities.queries import life
from facilities.workflow import STATUTORY_ACTS
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, record

_SEEN = ("number", "filed_on", "reason", "public_link")


@action
def record_statutory_filing(
    facility: Facility,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
) -> StatutoryFiling:
    """Write what the health department's system shows for this facility, as checked today.

    Each look is kept as a StatutoryCheck; the same look sent twice on a day is kept once. Raises
    TransitionNotOpen when the county cannot have come from what stood there to this.
    """
    mirror: StatutoryFiling = lock(facility.statutory_filing)
    day = clock.day_of(at)
    seen = {name: values.get(name) or (None if name == "filed_on" else "") for name in _SEEN}
    status = values["status"]
    act = "check" if status == mirror.status else STATUTORY_ACTS[status]
    facts = {name: seen[name] for name in mirror.machine[act].needs}
    mirror = apply(mirror, act, by=by, at=at, sets=lambda _: {**seen, "checked_on": day}, **facts)
    record(facility, "facility.statutory_filing", by=by, at=at, status=status)
    look = {**seen, "status": status, "checked_on": day}
    if not mirror.checks.filter(**look).exists():
        StatutoryCheck.objects.create(mirror=mirror, checked_by=by.somebody, **look)
    return mirror


@action
def remind_of_statutory_filing(
    facility: Facility, *, by: Actor, at: dt.datetime
) -> StatutoryFiling:
    """Ask the facility to file with the county; once a day."""
    mirror: StatutoryFiling = lock(facility.statutory_filing)
    day = clock.day_of(at)
    outbox.notify(life.members_of(facility), "statutory.remind", facility, at=at, once=str(day))
    mirror.reminded_on = day
    mirror.save(update_fields=["reminded_on"])
    record(facility, "facility.statutory_reminded", by=by, at=at)
    return mirror


@action
def note_county_told(facility: Facility, *, by: Actor, at: dt.datetime) -> StatutoryFiling:
    """The health department has been told that a registered facility is not in its system."""
    mirror: StatutoryFiling = lock(facility.statutory_filing)
    mirror.county_told_on = clock.day_of(at)
    mirror.save(update_fields=["county_told_on"])
    record(facility, "facility.county_told", by=by, at=at)
    return mirror


@action
def ask_to_check_again(mirror: StatutoryFiling, *, at: dt.datetime) -> int:
    """Tell the clerks that the county's system was last looked into too long ago."""
    facility = mirror.facility
    clerks = staff_with(Role.CLERK, clock.day_of(at), facility.community)
    once = str(mirror.checked_on)
    return outbox.notify(clerks, "statutory.recheck", facility, at=at, once=once)


@action
def ask_about_missing(mirror: StatutoryFiling, *, at: dt.datetime) -> int:
    """Tell the clerks of a registered facility without a filing: remind it, tell the county."""
    facility = mirror.facility
    clerks = staff_with(Role.CLERK, clock.day_of(at), facility.community)
    once = f"{mirror.status}:{mirror.checked_on}"
    return outbox.notify(clerks, "statutory.missing", facility, at=at, once=once)
