"""What time brings: reminders, escalation of what is late, visits that fall due. Each once."""

from __future__ import annotations

import datetime as dt

from facilities.models import Facility
from inspections.models import (
    ChecklistVersion,
    EnforcementCertificate,
    Finding,
    Inspection,
)
from inspections.queries import visits as queries
from inspections.rules import deadlines
from inspections.workflow import TO_CORRECT, InspectionKind, InspectionStatus, Selection
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock

from .stepping import step
from .visits import open_inspection

COMPOSITE = "composite"


@action
def remind_of_finding(finding: Finding, *, at: dt.datetime) -> int:
    """Tell the facility that the day is near, or that it has passed; once each for a day due."""
    day = clock.day_of(at)
    kind = "finding.overdue" if finding.due_on < day else "finding.due_soon"
    people = queries.operators_of(finding.facility)
    return outbox.notify(people, kind, finding, at=at, once=str(finding.due_on), due=finding.due_on)


@action
def remind_of_recheck(finding: Finding, *, at: dt.datetime) -> int:
    """Tell the office that a recheck is due; once for a day due."""
    people = {p.pk: p for p in staff_with(Role.CLERK, clock.day_of(at))}
    people[finding.found_by_id] = finding.found_by
    once = str(finding.recheck_due_on)
    return outbox.notify(people.values(), "finding.recheck_due", finding, at=at, once=once)


@action
def escalate_finding(finding: Finding, *, at: dt.datetime) -> int:
    """One step for what is late: the approver is told, a visit is opened, a transfer is asked for.

    The step reached is a column of the locked row, so a second worker does nothing.
    """
    fresh: Finding = lock(finding)
    day = clock.day_of(at)
    reached = deadlines.escalation_step(fresh.severity, fresh.due_on, day, in_force(day))
    if reached <= fresh.escalation or fresh.state not in TO_CORRECT:
        return 0
    before = fresh.escalation
    done: Finding = apply(
        fresh, "escalate", by=Actor.calendar(), at=at,
        sets=lambda _: {"escalation": reached}, reached=reached,
    )  # fmt: skip
    for each in range(before + 1, reached + 1):
        _escalated(done, each, day, at)
    return 1


def _escalated(finding: Finding, reached: int, day: dt.date, at: dt.datetime) -> None:
    once = f"{finding.due_on}:{reached}"
    step(finding, "escalate", str(reached), by=Actor.calendar(), at=at, internal=True)
    if reached == deadlines.LEADER:
        people = list(staff_with(Role.APPROVER, day)) + list(staff_with(Role.LEADER, day))
        outbox.notify(people, "finding.escalated", finding, at=at, once=once)
    elif reached == deadlines.VISIT:
        open_recheck(finding, by=Actor.calendar(), at=at)
    else:
        outbox.notify(_clerks(day), "finding.transfer_due", finding, at=at, once=once)


def _clerks(day: dt.date) -> list[User]:
    return list(staff_with(Role.CLERK, day))


@action
def open_recheck(finding: Finding, *, by: Actor, at: dt.datetime) -> Inspection:
    """A visit to look at a finding again; one for each day due."""
    origin = finding.inspection
    version = ChecklistVersion.objects.in_use().filter(
        checklist__versions=origin.checklist_id
    ).first() or origin.checklist  # fmt: skip
    return open_inspection(
        finding.facility,
        InspectionKind.VISIT,
        version,
        by=by,
        at=at,
        selection=Selection.RECHECK,
        trigger_key=f"{queries.recheck_key(finding)}{finding.due_on}",
        note=finding.number,
        is_urgent=True,
    )


@action
def open_due_visit(facility: Facility, *, at: dt.datetime) -> int:
    """The first visit of a new facility; once a facility."""
    day = clock.day_of(at)
    since = facility.registered_on or day
    key = f"opening:{facility.pk}"
    if Inspection.objects.filter(trigger_key=key).exists():
        return 0
    open_inspection(
        facility,
        InspectionKind.VISIT,
        queries.checklist_in_use(COMPOSITE),
        by=Actor.calendar(),
        at=at,
        selection=Selection.OPENING,
        trigger_key=key,
        planned_on=day,
        due_on=max(day, deadlines.opening_due(since, in_force(day))),
    )
    return 1


@action
def open_holiday_visit(facility: Facility, holiday: str, on: dt.date, *, at: dt.datetime) -> int:
    """A fire visit before a holiday; once a facility and holiday."""
    day = clock.day_of(at)
    key = f"holiday:{facility.pk}:{on.isoformat()}"
    if Inspection.objects.filter(trigger_key=key).exists():
        return 0
    open_inspection(
        facility,
        InspectionKind.VISIT,
        queries.checklist_in_use("fire"),
        by=Actor.calendar(),
        at=at,
        selection=Selection.HOLIDAY,
        trigger_key=key,
        note=holiday,
        planned_on=day,
        due_on=max(day, on - dt.timedelta(days=1)),
    )
    return 1


@action
def remind_of_visit(inspection: Inspection, *, at: dt.datetime) -> int:
    """Tell the team (or the clerks while it is not sent) that a visit is due or late."""
    day = clock.day_of(at)
    is_sent = inspection.state == InspectionStatus.ASSIGNED
    team = [member.user for member in queries.team_of(inspection)] if is_sent else []
    kind = "inspection.overdue" if inspection.due_on < day else "inspection.due_soon"
    return outbox.notify(team or _clerks(day), kind, inspection, at=at, once=str(inspection.due_on))


@action
def remind_of_certificate(certificate: EnforcementCertificate, *, at: dt.datetime) -> int:
    """Tell a person and the clerks that an enforcement certificate runs out; once each."""
    people = {person.pk: person for person in _clerks(clock.day_of(at))}
    people[certificate.user_id] = certificate.user
    once = str(certificate.valid_until)
    return outbox.notify(people.values(), "certificate.ending", certificate, at=at, once=once)
