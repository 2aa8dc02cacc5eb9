"""How the office did: what came and ended in a time, within what the person may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from complaints.models import Complaint, Satisfaction
from complaints.workflow import OPEN, ComplaintStatus
from portal.core.models import User

from .desk import late_on

ENDED = (ComplaintStatus.RESOLVED, ComplaintStatus.ARCHIVED)
# Rejected and withdrawn cases are archived too, and have no result.
ANSWERED = Q(state__in=ENDED, closed_on__isnull=False) & ~Q(result="")
# By the first end: a quick review does not make a late answer an early one.
IN_TIME = Q(first_due=None) | Q(first_closed_on__lte=F("first_due"))


def received_in(user: User, first: dt.date, last: dt.date) -> QuerySet[Complaint]:
    """The cases within reach that came between the two days."""
    return Complaint.objects.visible_to(user).filter(received_on__range=(first, last))


def figures(user: User, first: dt.date, last: dt.date, today: dt.date) -> dict[str, int]:
    """The figures of the time in one query: those that came, and of them what became of them."""
    rated = ANSWERED & ~Q(satisfaction="")
    counted: dict[str, int] = received_in(user, first, last).aggregate(
        received=Count("pk"),
        open=Count("pk", filter=Q(state__in=OPEN)),
        late=Count("pk", filter=late_on(today)),
        rejected=Count("pk", filter=~Q(reject_ground="")),
        answered=Count("pk", filter=ANSWERED),
        in_time=Count("pk", filter=ANSWERED & IN_TIME),
        rated=Count("pk", filter=rated),
        satisfied=Count("pk", filter=rated & ~Q(satisfaction=Satisfaction.POOR)),
        solved=Count("pk", filter=rated & Q(is_solved=True)),
        reopened=Count("pk", filter=Q(review_asked_on__isnull=False)),
    )  # fmt: skip
    return counted


def by_category(user: User, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """Received, answered and in time, for each category that came."""
    rows: Any = received_in(user, first, last).order_by().values("category").annotate(
        received=Count("pk"),
        answered=Count("pk", filter=ANSWERED),
        in_time=Count("pk", filter=ANSWERED & IN_TIME),
        reopened=Count("pk", filter=Q(review_asked_on__isnull=False)),
    )  # fmt: skip
    return sorted(rows, key=lambda row: int(str(row["category"])[1:]))


def by_result(user: User, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """How many ended with each result."""
    rows: Any = received_in(user, first, last).filter(state__in=ENDED).exclude(result="")
    return list(rows.order_by().values("result").annotate(n=Count("pk")).order_by("result"))
