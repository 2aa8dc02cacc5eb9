"""What the holder of number and code is shown."""

from __future__ import annotations

import datetime as dt

from complaints import rules
from complaints.models import Complaint
from complaints.workflow import ComplaintStatus
from portal.core.regulation import Regulation


def by_number(text: str) -> Complaint | None:
    """The complaint of a number as typed; None for a wrong shape as for an unknown one."""
    number = rules.normalise_number(text)
    return Complaint.objects.filter(number=number).first() if number else None


def review_until(complaint: Complaint, law: Regulation) -> dt.date | None:
    """The last day on which a review may be asked for."""
    if complaint.closed_on is None:
        return None
    return complaint.closed_on + dt.timedelta(days=law.integer("complaints.review_days"))


def review_is_open(complaint: Complaint, day: dt.date, law: Regulation) -> bool:
    """Whether the one review may be asked for on `day`."""
    until = review_until(complaint, law)
    closed = complaint.state == ComplaintStatus.RESOLVED
    return bool(closed and not complaint.review_asked_on and until and day <= until)
