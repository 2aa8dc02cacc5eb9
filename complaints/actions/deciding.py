"""Who decides as the second of two: the approver in the common lane, in the red one its own people.

The right alone does not tell: somebody of both lanes holds that of the red one everywhere.
"""

from __future__ import annotations

import datetime as dt

from complaints import queries
from complaints.models import Complaint
from portal.core import audit
from portal.core.actors import Actor
from portal.core.workflow import NotAllowed


def refuse_others(complaint: Complaint, act: str, *, by: Actor, at: dt.datetime) -> None:
    """NotAllowed for whoever does not decide in the lane of this case."""
    if not queries.may_decide(complaint, by.somebody):
        line = audit.line(f"complaint.{act}.refused", complaint, by=by, at=at, why="lane")
        raise NotAllowed(line)
