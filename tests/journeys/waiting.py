"""What waits for the hand of each role: visits, findings, merges and cases, as many as wanted."""

from __future__ import annotations

import uuid
from typing import Any

from facilities import actions
from inspections.models import Finding, Inspection, InspectionMember
from portal.core.actors import Actor
from tests import makers, register
from tests.complaints import makers as cases
from tests.inspections import makers as supervision
from tests.inspections import test_many

# What each role finds of this in its inbox; the others only read, or keep the accounts.
VERBS = {
    "clerk": {"安排检查", "复查整改"},
    "approver": {"审定合并", "审批行政检查", "答复申诉", "审签答复"},
    "community": {"去检查"},
    "inspector": {"去检查", "复查整改"},
    "handler": {"受理投诉"},
    "red_lane": {"确认紧急举报", "审签答复"},
    "auditor": {"受理投诉"},
}
WORKING = tuple(VERBS)
VISITS, FINDINGS = ("assigned", "planned", "awaiting_approval"), ("reported", "disputed")


def grow(world: Any, rows: int) -> None:
    """As many more of everything, written by others than the people of the world."""
    origin = supervision.finding(place=world.filing("registered", "own").facility)
    test_many.grow(origin, world.people["inspector"], rows * len(VISITS))
    new = Inspection.objects.filter(number__startswith=f"示例{rows * len(VISITS)}-")
    for number, visit in enumerate(new.order_by("number")):
        InspectionMember.objects.create(inspection=visit, user=world.people["community"])
        Inspection.objects.filter(pk=visit.pk).update(state=VISITS[number % len(VISITS)])
    told = Finding.objects.filter(state="reported", number__startswith="示例").order_by("number")
    Finding.objects.filter(pk__in=told.values("pk")[:rows]).update(state="disputed")
    worker, duty = cases.handler(), cases.duty()
    for _ in range(rows):
        for category in ("C8", "C1", "C12"):
            cases.complaint(category)  # new, and nobody's
        place = register.facility()
        cases.proposed(worker, facility=place)
        cases.proposed(duty, category="C1", facility=place)
        by, asked = Actor.person(world.clerk), (place, register.facility(), "示例", uuid.uuid4())
        actions.propose_merge(*asked, by=by, at=makers.AT)
