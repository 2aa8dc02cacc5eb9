"""From a case to an unannounced visit, and from an upheld case to the facility's risk (diff:3)."""

from __future__ import annotations

import datetime as dt
import hashlib

from complaints.models import Complaint, Result, StepKind
from complaints.workflow import ComplaintStatus
from inspections.actions import open_inspection, record_risk_fact
from inspections.models import Inspection
from inspections.models.choices import RiskKind
from inspections.queries.visits import checklist_in_use
from inspections.workflow import InspectionKind, Selection
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force
from portal.core.workflow import action, apply

from .statements import NoFacility
from .timeline import step

# On every paper the source of a visit reads so, whatever it was (R14).
NEUTRAL = "监督检查"


@action
def open_visit(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Inspection:
    """Open an unannounced visit with the checklist of the matter; pressed twice it is one.

    Nothing of the case goes with it: the visit says 监督检查 and knows the case by a fingerprint.
    """
    facility = complaint.facility
    if facility is None:
        raise NoFacility(complaint.number)
    first = complaint.inspection_id is None
    made = open_inspection(
        facility,
        InspectionKind.VISIT,
        checklist_in_use(checklist_for(complaint, clock.day_of(at))),
        selection=Selection.TRIGGERED,
        trigger_key=hashlib.sha256(f"case {complaint.pk}".encode()).hexdigest()[:40],
        note=NEUTRAL,
        is_urgent=complaint.is_red,
        by=by,
        at=at,
    )
    complaint = apply(
        complaint, "open_inspection", by=by, at=at, sets=lambda _: {"inspection": made}
    )
    if first:
        step(complaint, StepKind.INSPECTION, made.number, by=by, at=at)
    if complaint.state == ComplaintStatus.ACCEPTED:
        apply(complaint, "investigate", by=by, at=at)
    return made


def checklist_for(complaint: Complaint, day: dt.date) -> str:
    """The list that fits the matter; the composite one where none does."""
    lists = in_force(day).table("complaints.checklists")
    return str(lists.get(complaint.category, lists["other"]))


def tell_risk(complaint: Complaint, *, at: dt.datetime) -> None:
    """An upheld case counts for the facility; the fact does not say where it came from (R26)."""
    if complaint.facility is None or complaint.result not in {Result.UPHELD, Result.PARTLY}:
        return
    day = clock.day_of(at)
    days = in_force(day).integer("complaints.risk_days")
    record_risk_fact(
        complaint.facility, RiskKind.CONCERN, complaint.severity, day,
        day + dt.timedelta(days=days), by=Actor.calendar(), at=at, once=f"case {complaint.pk}",
    )  # fmt: skip
