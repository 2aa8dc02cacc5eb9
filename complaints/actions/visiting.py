"""From a case to an unannounced visit, and from an upheld case to the facility's risk (diff:3)."""

from __future__ import annotations

import datetime as dt
import hashlib

from complaints import queries
from complaints.models import Complaint, Result, StepKind
from complaints.workflow import ComplaintStatus
from inspections.actions import open_inspection, record_risk_fact, take_back_risk_fact
from inspections.models import Inspection
from inspections.models.choices import RiskKind
from inspections.queries.visits import checklist_in_use
from inspections.workflow import InspectionKind, Selection
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force
from portal.core.workflow import action, apply, lock

from .statements import NoFacility
from .timeline import step

# On every paper the source of a visit reads so, whatever it was (R14).
NEUTRAL = "监督检查"


@action
def open_visit(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Inspection:
    """Open an unannounced visit with the checklist of the matter; pressed twice it is one.

    In place of one that was cancelled it opens another. Nothing of the case goes with it: the
    visit says 监督检查 and knows the case by a fingerprint.
    """
    facility = complaint.facility
    if facility is None:
        raise NoFacility(complaint.number)
    before = lock(complaint).inspection
    stands = queries.stands(before)
    occasion = f"case {complaint.pk} {before.pk}" if before else f"case {complaint.pk}"
    made = (
        before
        if before and stands
        else open_inspection(
            facility,
            InspectionKind.VISIT,
            checklist_in_use(checklist_for(complaint, clock.day_of(at))),
            selection=Selection.TRIGGERED,
            trigger_key=hashlib.sha256(occasion.encode()).hexdigest()[:40],
            note=NEUTRAL,
            is_urgent=complaint.is_red,
            by=by,
            at=at,
        )
    )
    complaint = apply(
        complaint, "open_inspection", by=by, at=at, sets=lambda _: {"inspection": made}
    )
    if not stands:
        step(complaint, StepKind.INSPECTION, made.number, by=by, at=at)
    if complaint.state == ComplaintStatus.ACCEPTED:
        apply(complaint, "investigate", by=Actor.calendar(), at=at)
    return made


def checklist_for(complaint: Complaint, day: dt.date) -> str:
    """The list that fits the matter; the composite one where none does."""
    lists = in_force(day).table("complaints.checklists")
    return str(lists.get(complaint.category, lists["other"]))


def tell_risk(complaint: Complaint, *, at: dt.datetime) -> None:
    """An upheld case counts for the facility; the fact does not say where it came from (R26).

    What a review does not uphold any more counts no longer.
    """
    if complaint.facility is None:
        return
    once = f"case {complaint.pk}"
    if complaint.result not in {Result.UPHELD, Result.PARTLY}:
        take_back_risk_fact(complaint.facility, by=Actor.calendar(), at=at, once=once)
        return
    day = clock.day_of(at)
    days = in_force(day).integer("complaints.risk_days")
    record_risk_fact(
        complaint.facility, RiskKind.CONCERN, complaint.severity, day,
        day + dt.timedelta(days=days), by=Actor.calendar(), at=at, once=once,
    )  # fmt: skip
