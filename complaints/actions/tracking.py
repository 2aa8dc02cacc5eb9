"""Number and code: the same work and the same answer whether the number exists or not (sec:C14)."""

from __future__ import annotations

import datetime as dt
import functools

from django.contrib.auth.hashers import check_password, make_password

from complaints import queries
from complaints.models import Complaint
from portal.core.actors import Actor
from portal.core.identifiers import normalise_code
from portal.core.workflow import action, record


@functools.cache
def _nobody() -> str:
    """A hash that no code fits, made like every other one."""
    return make_password("nobody's code")


def open_by_code(number: str, code: str) -> Complaint | None:
    """The complaint of number and code, or None; exactly one code is checked in either case.

    Callers ask `throttle.try_track` first: what is over the budgets without having done the work
    never comes here.
    """
    nobody = _nobody()  # made even where it is not needed: the first miss must not cost a hash more
    complaint = queries.by_number(number)
    against = complaint.code_hash if complaint else nobody
    fits = check_password(normalise_code(code), against, setter=None)
    return complaint if complaint and fits else None


@action
def note_tracking(complaint: Complaint, *, by: Actor, at: dt.datetime) -> None:
    """The holder of the code looked: a line in the trail, nothing with the case."""
    record(complaint, "complaint.tracked", by=by, at=at)
