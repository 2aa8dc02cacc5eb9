"""What the calendar says about the clocks of a case."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from complaints import queries, rules
from complaints.models import Complaint
from complaints.workflow import ComplaintStatus
from portal.core import clock, outbox
from portal.core.models import SavedView, User
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action

from .telling import tell, tell_caseworkers


@action
def warn_of_clock(complaint: Complaint, *, at: dt.datetime) -> int:
    """Warn at 50 and 80 % of the days, and each working day after the last one; once each."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    is_new = complaint.state == ComplaintStatus.RECEIVED
    due = complaint.respond_due if is_new else complaint.finish_due
    if due is None or complaint.is_paused:
        return 0
    told = 0
    start = complaint.review_asked_on or complaint.received_on
    for level in rules.warnings_reached(start, due, day, law, calendar):
        kind = "late" if level == "late" else "due"
        told += tell_caseworkers(complaint, kind, at=at, once=f"{level}:{due}")
        if kind == "late":
            people = queries.approvers_of(complaint, day)
            told += tell(people, complaint, kind, at=at, once=f"{level}:{due}")
    return told


@action
def tell_of_hits(person: User, hits: Mapping[SavedView, int], *, at: dt.datetime) -> int:
    """What his kept conditions found yesterday: one message a day, names and numbers alone."""
    found = {str(view.pk): count for view, count in hits.items() if count}
    if not found:
        return 0
    day = clock.day_of(at).isoformat()
    return outbox.notify(
        [person], "complaint.hits", person, at=at, once=day, hits=json.dumps(found)
    )


@action
def warn_of_erasure(complaint: Complaint, *, at: dt.datetime) -> int:
    """The contents will be destroyed soon: time to ask for a hold (prod:L12)."""
    return tell_caseworkers(complaint, "erasure", at=at, once=str(complaint.erase_after))
