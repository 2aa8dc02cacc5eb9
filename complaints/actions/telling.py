"""Who is told of what happens to a case; messages carry the number and nothing else."""

from __future__ import annotations

import datetime as dt

from complaints import queries
from complaints.models import Complaint
from portal.core import clock, outbox
from portal.core.models import User


def tell_caseworkers(complaint: Complaint, kind: str, *, at: dt.datetime, once: str) -> int:
    """Those who deal with it, once per occasion."""
    return tell(dealing_with(complaint, at), complaint, kind, at=at, once=once)


def dealing_with(complaint: Complaint, at: dt.datetime) -> list[User]:
    """The handler and those who assist; before there is one, everybody of the lane."""
    return _on_it(complaint) or queries.caseworkers_of(complaint, clock.day_of(at))


def tell(people: list[User], complaint: Complaint, kind: str, *, at: dt.datetime, once: str) -> int:
    """These people, once per occasion."""
    return outbox.notify(people, f"complaint.{kind}", complaint, at=at, once=once)


def _on_it(complaint: Complaint) -> list[User]:
    """Those who still see the case: a tie declared later ends the messages too."""
    people = [*complaint.assistants.filter(is_active=True)]
    if complaint.handler and complaint.handler.is_active:
        people.append(complaint.handler)
    return [person for person in people if queries.may_see(complaint, person)]
