"""Results and grave or late findings on their way through the publication gate."""

from __future__ import annotations

import datetime as dt

from inspections.models import Finding, Inspection
from inspections.models.finding import OVERDUE_NOTICE
from inspections.models.inspection import RESULT_NOTICE
from inspections.queries import public
from inspections.rules import deadlines
from inspections.workflow import InspectionStatus
from portal.core import clock, outbox, publishing
from portal.core.actors import Actor
from portal.core.models import Publication, staff_with
from portal.core.papers.content import chinese_date
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock

from .problems import NotToBeNamed
from .stepping import decide


@action
def propose_result(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that the result be public; another person decides at the gate."""
    fresh: Inspection = decide(inspection, "propose_publication", by=by, at=at)
    day = chinese_date(fresh.completed_on or clock.day_of(at))
    return publishing.propose_publication(
        RESULT_NOTICE,
        fresh,
        title=f"{fresh.facility.name} {day}检查结果",
        body=public.result_notice(fresh),
        by=by,
        at=at,
        party=fresh.facility.code,
        public_numbers=[fresh.facility.public_phone],
    )


@action
def propose_overdue(finding: Finding, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that a grave or late finding be named until it is put right; else NotToBeNamed."""
    if not finding.may_be_named(clock.day_of(at)):
        raise NotToBeNamed
    fresh: Finding = decide(finding, "publish", by=by, at=at)
    return publishing.propose_publication(
        OVERDUE_NOTICE,
        fresh,
        title=f"{fresh.facility.name} 整改事项",
        body=public.overdue_notice(fresh),
        by=by,
        at=at,
        party=fresh.facility.code,
        public_numbers=[fresh.facility.public_phone],
    )


@action
def remind_of_publication(inspection: Inspection, *, at: dt.datetime) -> int:
    """Tell the office that the last day to publish a result is near, or over; once each."""
    day = clock.day_of(at)
    over = inspection.completed_on or day
    due = deadlines.publication_due(over, in_force(over), working_calendar())
    kind = "inspection.publish_overdue" if due < day else "inspection.publish_due"
    people = staff_with(Role.CLERK, day) | staff_with(Role.APPROVER, day)
    return outbox.notify(people, kind, inspection, at=at, once=str(due), due=due)


@action
def mirror_publication(inspection: Inspection, *, at: dt.datetime) -> int:
    """Let the state of a visit follow what stands at the gate (R26); 1 when it moved."""
    fresh: Inspection = lock(inspection)
    day = clock.day_of(at)
    standing = Publication.objects.of(fresh).standing(day).filter(kind=RESULT_NOTICE).first()
    if standing is not None and fresh.state == InspectionStatus.COMPLETED:
        columns = {"published_on": standing.published_on}
        apply(fresh, "publish", by=Actor.calendar(), at=at, sets=lambda _: columns)
        return 1
    if standing is None and fresh.state == InspectionStatus.PUBLISHED:
        apply(fresh, "unpublish", by=Actor.calendar(), at=at, sets=lambda _: {"published_on": None})
        return 1
    return 0
