"""What the calendar looks for: running clocks, what is to be sent, kept, destroyed."""

from __future__ import annotations

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from complaints.models import Complaint, ContactReveal, StatementRequest
from complaints.workflow import DONE, OPEN, ComplaintStatus, RevealStatus, StatementStatus
from facilities.models import Transfer
from facilities.queries.leads import transfers_waiting
from portal.core.regulation import Regulation

S = ComplaintStatus


def running() -> QuerySet[Complaint]:
    """Open cases whose clock runs."""
    return Complaint.objects.open().filter(paused_on=None).select_related("handler", "facility")


def unanswered(day: dt.date) -> QuerySet[Complaint]:
    """Questions to the complainant whose day has passed."""
    return Complaint.objects.filter(state=S.AWAITING_COMPLAINANT, answer_due__lt=day)


def pauses_over(day: dt.date) -> QuerySet[Complaint]:
    """Open cases whose pause has lasted as long as its kind may."""
    return Complaint.objects.open().filter(pause_until__lt=day)


def letters_waiting(day: dt.date) -> QuerySet[Transfer]:
    """Letters about open cases to which no feedback has come by the day of reminder."""
    kind = ContentType.objects.get_for_model(Complaint)
    open_ = Complaint.objects.open().order_by().values("pk")
    return transfers_waiting(day).filter(noun_type=kind, noun_id__in=open_).order_by("id")


def statements_to_send(day: dt.date) -> QuerySet[StatementRequest]:
    """Checked requests whose batch goes out on `day`; of what has ended nobody is told."""
    rows = StatementRequest.objects.filter(
        state=StatementStatus.RELEASED, release_on__lte=day, complaint__state__in=OPEN
    )
    return rows.order_by("id")


def statements_late(day: dt.date) -> QuerySet[StatementRequest]:
    """Requests that were not answered in time."""
    return StatementRequest.objects.filter(state=StatementStatus.RELEASED, due_on__lt=day)


def reveals_over(day: dt.date, law: Regulation) -> QuerySet[ContactReveal]:
    """Grants whose day has passed, and wishes as old as a grant may be."""
    since = day - dt.timedelta(days=law.integer("complaints.reveal_days"))
    return ContactReveal.objects.filter(
        Q(state=RevealStatus.GRANTED, open_until__lt=day)
        | Q(state=RevealStatus.ASKED, asked_on__lt=since)
    )


def to_archive(day: dt.date, law: Regulation) -> QuerySet[Complaint]:
    """Ended cases for which nothing can be asked any more."""
    since = day - dt.timedelta(days=law.integer("complaints.review_days"))
    return Complaint.objects.filter(
        state__in=[S.RESOLVED, S.REJECTED, S.WITHDRAWN], closed_on__lt=since
    )


def to_warn_of_erasure(day: dt.date, law: Regulation) -> QuerySet[Complaint]:
    """What will be destroyed within the days of notice and is not held."""
    until = day + dt.timedelta(days=law.integer("complaints.erasure_notice_days"))
    return Complaint.objects.filter(erase_after__lte=until, erased_on=None, hold_by=None)


def contacts_over(day: dt.date) -> QuerySet[Complaint]:
    """Ended cases whose contact data are to go."""
    return Complaint.objects.filter(
        state__in=DONE, contact_until__lt=day, erased_on=None, hold_by=None
    )


def contents_over(day: dt.date) -> QuerySet[Complaint]:
    """Ended cases whose key is to be destroyed."""
    return Complaint.objects.filter(
        state__in=DONE, erase_after__lt=day, erased_on=None, hold_by=None
    )
