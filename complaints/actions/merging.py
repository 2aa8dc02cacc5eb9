"""What was merged under a case that will not answer for it any more is dealt with apart."""

from __future__ import annotations

import datetime as dt

from complaints.models import Complaint, StepKind
from complaints.workflow import OPEN
from portal.core.actors import Actor

from .telling import tell_caseworkers
from .timeline import step


def set_apart(complaint: Complaint, by: Actor, at: dt.datetime) -> None:
    """Each open case under this one is a case of its own again, and its people hear of it."""
    for child in complaint.children.filter(state__in=OPEN).select_for_update():
        child.parent = None
        child.save(update_fields=["parent"])
        step(child, StepKind.MERGED, "恢复单独办理", by=by, at=at)
        tell_caseworkers(child, "apart", at=at, once=at.isoformat())
