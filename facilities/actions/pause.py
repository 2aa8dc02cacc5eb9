"""A pause of operation: reported by the facility, in force on its first day, ended by it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from facilities.models import Facility, OperatingPause
from facilities.models.facility import withheld_from
from facilities.queries import life
from facilities.workflow import PAUSE, OperatingStatus, PauseStatus, RegistrationStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.roles import Role
from portal.core.workflow import FactMissing, action, apply, lock, record

from .standing import NotInRegister

_GIVEN = ("starts_on", "expected_end", "reason", "children", "children_plan", "parents_told_on")


class PauseExists(Exception):
    """A pause is announced or under way already; carries it."""

    def __init__(self, pause: OperatingPause) -> None:
        super().__init__(str(pause.pk))
        self.pause = pause


@action
def report_pause(
    facility: Facility, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> OperatingPause:
    """Report a pause; one that begins today or earlier is in force at once.

    The same report sent twice is kept once. Raises PauseExists for another one, NotInRegister;
    PermissionDenied for whoever may not begin it either, whatever its first day.
    """
    if withheld_from(by.somebody, facility.pk, PAUSE.right("begin")):
        raise PermissionDenied
    fresh: Facility = lock(facility)
    if fresh.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(fresh.code)
    given = {name: values[name] for name in _GIVEN}
    if standing := life.open_pause(fresh):
        if all(getattr(standing, name) == value for name, value in given.items()):
            return standing
        raise PauseExists(standing)
    pause = OperatingPause.objects.create(
        facility=fresh, reported_by=by.somebody, reported_at=at, **given
    )
    record(pause, "operatingpause.report", by=by, at=at, since=str(pause.starts_on))
    day = clock.day_of(at)
    outbox.notify(_clerks(fresh, day), "pause.reported", pause, at=at, once="once")
    return _begin(pause, by=by, at=at) if pause.starts_on <= day else pause


@action
def begin_pause(pause: OperatingPause, *, at: dt.datetime) -> bool:
    """The calendar begins a pause whose first day has come; False when it is not so any more."""
    lock(pause.facility)  # a closure of the same day and this one wait for each other
    fresh: OperatingPause = lock(pause)
    if fresh.state != PauseStatus.PLANNED or fresh.starts_on > clock.day_of(at):
        return False
    _begin(fresh, by=Actor.calendar(), at=at)
    return True


def _begin(pause: OperatingPause, *, by: Actor, at: dt.datetime) -> OperatingPause:
    begun: OperatingPause = apply(pause, "begin", by=by, at=at)
    _operate(begun.facility, OperatingStatus.SUSPENDED)
    return begun


@action
def prolong_pause(
    pause: OperatingPause, expected_end: dt.date, *, by: Actor, at: dt.datetime
) -> OperatingPause:
    """The facility says another expected last day; FactMissing for one before today."""
    if expected_end < max(pause.starts_on, clock.day_of(at)):
        raise FactMissing("a pause does not end before today")
    longer: OperatingPause = apply(
        pause, "prolong", by=by, at=at, sets=lambda _: {"expected_end": expected_end}
    )
    clerks = _clerks(longer.facility, clock.day_of(at))
    outbox.notify(clerks, "pause.prolonged", longer, at=at, once=str(expected_end))
    return longer


@action
def resume(pause: OperatingPause, *, by: Actor, at: dt.datetime) -> OperatingPause:
    """The facility opens again today."""
    lock(pause.facility)
    day = clock.day_of(at)
    over: OperatingPause = apply(pause, "resume", by=by, at=at, sets=lambda _: {"ended_on": day})
    _operate(over.facility, OperatingStatus.OPEN)
    outbox.notify(_clerks(over.facility, day), "pause.ended", over, at=at, once="once")
    return over


@action
def cancel_pause(pause: OperatingPause, *, by: Actor, at: dt.datetime) -> OperatingPause:
    """An announced pause does not come."""
    gone: OperatingPause = apply(pause, "cancel", by=by, at=at)
    clerks = _clerks(gone.facility, clock.day_of(at))
    outbox.notify(clerks, "pause.cancelled", gone, at=at, once="once")
    return gone


@action
def note_pause(pause: OperatingPause, note: str, *, by: Actor, at: dt.datetime) -> OperatingPause:
    """The office's own remark on a pause; it decides nothing."""
    columns = {"note": note, "noted_by": by.user, "noted_at": at}
    noted: OperatingPause = apply(pause, "note", by=by, at=at, sets=lambda _: columns)
    return noted


@action
def remind_of_pause(pause: OperatingPause, *, at: dt.datetime) -> int:
    """Ask the facility before its last day; when it has passed, tell facility and clerks."""
    day = clock.day_of(at)
    people: list[User] = life.members_of(pause.facility)
    is_over = pause.expected_end < day
    if is_over:
        people += _clerks(pause.facility, day)
    kind = "pause.overdue" if is_over else "pause.ending"
    return outbox.notify(people, kind, pause, at=at, once=str(pause.expected_end))


def _operate(facility: Facility, status: OperatingStatus) -> None:
    facility.operating = status
    facility.save(update_fields=["operating"])


def _clerks(facility: Facility, day: dt.date) -> list[User]:
    return list(staff_with(Role.CLERK, day, facility.community))
