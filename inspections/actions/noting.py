"""Writing down a finding on site: notes of the inspector until the visit is completed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from inspections.models import ChecklistItem, DelegatedItem, Finding, Inspection
from inspections.rules import deadlines
from inspections.workflow import Severity
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force
from portal.core.workflow import action, apply

from .problems import DayNotAllowed


@action
def add_finding(  # ruff: ignore[too-many-arguments] - a finding has that many sides
    inspection: Inspection,
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
    item: ChecklistItem | None = None,
    severity: str = "",
    requirement: str = "",
    due_on: dt.date | None = None,
    fixed_on_site: bool = False,
) -> Finding:
    """Write down what is wrong; one finding a question, a second call changes it.

    Severity comes from the question and the day from the pack where none is given. Raises
    DayNotAllowed for a day before today or after the latest one of the pack.
    """
    day = clock.day_of(at)
    law = in_force(day)
    grade = Severity(severity or (item.severity if item else Severity.MINOR)).value
    due = due_on or deadlines.correction_due(grade, day, law)
    latest = deadlines.correction_latest(grade, day, law)
    if not day <= due <= latest:
        raise DayNotAllowed(latest)
    fresh = apply(
        inspection, "record", by=by, at=at, finding=item.code if item else "", grade=grade
    )
    columns = {
        "text": text,
        "severity": grade,
        "requirement": requirement,
        "due_on": due,
        "first_due_on": due,
        "fixed_on_site": fixed_on_site,
        "found_by": by.somebody,
        "found_at": at,
        **_about(fresh, item, day),
    }
    known = Finding.objects.filter(inspection=fresh, item=item).first() if item else None
    if known is None:
        return Finding.objects.create(inspection=fresh, facility=fresh.facility, **columns)
    for name, value in columns.items():
        setattr(known, name, value)
    known.save()
    return known


def _about(inspection: Inspection, item: ChecklistItem | None, day: dt.date) -> dict[str, Any]:
    """What follows from the question: its code, part, departments, and a matter to order about."""
    if item is None:
        return {"item": None, "item_code": "", "area": "", "departments": [], "delegated": None}
    matter = DelegatedItem.objects.in_force(day).filter(code=item.delegated).first()
    return {
        "item": item,
        "item_code": item.code,
        "area": item.section,
        "departments": item.departments,
        "delegated": matter if item.delegated else None,
    }


@action
def drop_finding(finding: Finding, *, by: Actor, at: dt.datetime) -> None:
    """Strike a note that was a mistake, while the visit is being carried out."""
    apply(finding.inspection, "record", by=by, at=at, dropped=finding.item_code)
    Finding.objects.filter(pk=finding.pk, issued_on=None).delete()
