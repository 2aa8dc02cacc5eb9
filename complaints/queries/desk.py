"""The lists of the desk: search over what staff wrote, clocks, near-duplicates, spikes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, F, Q, QuerySet

from complaints import rules
from complaints.models import Complaint, Lane
from complaints.workflow import DONE, OPEN, ComplaintStatus
from facilities.models import Facility
from portal.core import search
from portal.core.models import User
from portal.core.regulation import Regulation
from portal.core.roles import Role


def office_cases(user: User) -> QuerySet[Complaint]:
    """What the person sees, with what a row of the list shows; urgent ones first."""
    seen = Complaint.objects.visible_to(user).select_related(
        "facility", "community", "handler", "parent"
    )
    return seen.order_by(F("finish_due").asc(nulls_first=True), "received_on", "number")


def search_cases(cases: QuerySet[Complaint], query: str) -> QuerySet[Complaint]:
    """By number, work order, facility, staff-written words; never by what people told (R10)."""
    wanted = search.wanted(query)
    if not wanted:
        return cases
    plain = search.normalise(query)
    hit = Q(search_grams__contains=wanted) & (
        Q(number__icontains=plain) | Q(external_number__icontains=plain)
        | Q(title__icontains=plain) | Q(summary__icontains=plain)
        | Q(facility__name__icontains=plain) | Q(facility__short_name__icontains=plain)
    )  # fmt: skip
    return cases.filter(hit)


def open_counts(cases: QuerySet[Complaint]) -> dict[str, int]:
    """How many there are in each open state; what is open does not grow with the years."""
    rows = cases.filter(state__in=OPEN).order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def ended_count(cases: QuerySet[Complaint], most: int) -> int:
    """How many have ended, counted until there are more than `most`."""
    return cases.filter(state__in=DONE).order_by()[: most + 1].count()


def lanes_of(user: User) -> list[str]:
    """The lanes in which the person sees anything at all."""
    by_lane = {
        Lane.NORMAL: (Role.HANDLER, Role.APPROVER),
        Lane.RED: (Role.RED_LANE,),
        Lane.DISCIPLINE: (Role.AUDITOR,),
    }
    return [lane for lane, roles in by_lane.items() if user.has_role(*roles)]


def overdue_cases(cases: QuerySet[Complaint], day: dt.date) -> QuerySet[Complaint]:
    """Open ones past the day that counts, of the first answer or of the end; the clock runs."""
    return cases.filter(late_on(day))


def late_on(day: dt.date) -> Q:
    """The condition of an open case that is late on `day`."""
    unanswered = Q(state=ComplaintStatus.RECEIVED, respond_due__lt=day)
    return Q(paused_on=None) & (unanswered | Q(state__in=OPEN, finish_due__lt=day))


def due_within(first: dt.date, last: dt.date) -> Q:
    """The condition of an open case whose first answer or end falls due between the two days."""
    unanswered = Q(state=ComplaintStatus.RECEIVED, respond_due__range=(first, last))
    ending = Q(state__in=OPEN, finish_due__range=(first, last))
    return Q(paused_on=None) & (unanswered | ending)


def similar_to(complaint: Complaint, user: User, law: Regulation) -> list[tuple[Complaint, int]]:
    """Open or recent cases that read alike, with how much, the likest first; never another lane."""
    if not complaint.sketch:
        return []
    days = dt.timedelta(days=law.integer("complaints.likeness_days"))
    near = Complaint.objects.visible_to(user).filter(
        sketch_bands__overlap=complaint.sketch_bands,
        lane=complaint.lane,
        received_on__range=(complaint.received_on - days, complaint.received_on + days),
    )
    least = law.integer("complaints.likeness_percent")
    found = [
        (other, rules.likeness(complaint.sketch, other.sketch))
        for other in near.exclude(pk=complaint.pk).select_related("facility")
    ]
    return sorted((p for p in found if p[1] >= least), key=lambda p: -p[1])


def spike_at(facility: Facility, day: dt.date, law: Regulation) -> int:
    """How many came about the facility in the days that count; 0 while it is no spike.

    Those of the other lanes are not counted: their number is their own people's.
    """
    since = day - dt.timedelta(days=law.integer("complaints.spike", "days"))
    common = Complaint.objects.filter(facility=facility, lane=Lane.NORMAL)
    count = common.filter(received_on__gt=since).count()
    return count if count >= law.integer("complaints.spike", "count") else 0


def makes_spike(new: Sequence[Complaint], day: dt.date, law: Regulation) -> bool:
    """Whether it is these by which there are many about their facility, counted on `day`.

    `new` are of the common lane and about one facility.
    """
    since = day - dt.timedelta(days=law.integer("complaints.spike", "days"))
    fresh = sum(each.received_on > since for each in new)
    facility = new[-1].facility
    if facility is None or not fresh:
        return False
    count = spike_at(facility, day, law)
    return count - fresh < law.integer("complaints.spike", "count") <= count
