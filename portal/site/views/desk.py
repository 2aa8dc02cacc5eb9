"""Where officials and evaluators begin: what waits for their own hand."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render

from facilities.models import Facility, Filing
from facilities.models.facility import OFFICE_READERS
from facilities.models.filing import FILING_READERS
from facilities.queries import ending, name_of, together, with_ending
from inspections.queries.visits import count_not_visited
from inspections.rules.deadlines import not_visited_before
from portal.core.models import User
from portal.core.pages import Request, lists
from portal.core.queries import in_force, working_calendar
from portal.core.roles import STAFF_ROLES, Role
from portal.site import queries

SHOWN_BESIDE = 5
LOOKED_THROUGH = 60  # so many papers may read as one line


@lists(Filing, roles=STAFF_ROLES)
def desk_home(request: Request) -> HttpResponse:
    """The inbox: everything by time left, what waits for others, what will need attention."""
    user = request.user
    own, others = queries.filings_at_hand(user)
    context = {
        "groups": queries.grouped(_tasks(own, user, request.today), request.today),
        "others": queries.waiting_tasks(others, user),
        "calendar": working_calendar(),
        "unread": queries.unread(user)[:SHOWN_BESIDE],
        "year_missing": queries.year_without_calendar(request.today),
        **_place(user),
        **_not_visited(request),
        **_expiring(request),
    }
    return render(request, "desk/home.html", context)


def _tasks(filings: list[Filing], user: User, today: dt.date) -> list[queries.Task]:
    """Filings, merges, visits, findings and cases that wait for the person."""
    return [
        *queries.review_tasks(filings, user),
        *queries.facility_tasks(user, today),
        *queries.supervision_tasks(user),
        *queries.case_tasks(user),
    ]


def _place(user: User) -> dict[str, bool]:
    """What the person's roles lead to, for an honest empty inbox."""
    return {
        "works_here": user.has_role(Role.CLERK, Role.APPROVER),
        "reads_filings": user.has_role(*FILING_READERS, Role.COMMUNITY),
        "reads_facilities": user.has_role(*OFFICE_READERS, Role.COMMUNITY),
    }


def _not_visited(request: Request) -> dict[str, Any]:
    """For the leader: whom nobody has visited for months, whatever the risk."""
    if not request.user.has_role(Role.LEADER):
        return {}
    law = in_force(request.today)
    since = not_visited_before(request.today, law)
    return {
        "not_visited": count_not_visited(since, request.user),
        "not_visited_months": law.integer("inspections.not_visited_months"),
    }


def _expiring(request: Request) -> dict[str, Any]:
    law = in_force(request.today)
    days = law.integer("materials.expiring_days")
    mine = Facility.objects.visible_to(request.user).public()
    last = request.today + dt.timedelta(days=days)
    rows = together(ending(mine, last=last)[:LOOKED_THROUGH])
    return {
        "expiring": [
            row | {"thing": name_of(row["source_key"], row["what"], law)}
            for row in itertools.islice(rows, SHOWN_BESIDE)
        ],
        "expiring_days": days,
        **mine.aggregate(
            expiring_at=Count("pk", filter=with_ending(mine, first=request.today, last=last)),
            overdue_at=Count(
                "pk", filter=with_ending(mine, last=request.today - dt.timedelta(days=1))
            ),
        ),
    }
