"""The list of cases (S27)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints import queries
from complaints.filters import TABS, ComplaintFilter
from complaints.models import Complaint
from complaints.queries import casework
from complaints.workflow import DONE, TAKERS
from portal.core.pages import Request, lists
from portal.core.paging import STAFF_MOST, carried, staff_page
from portal.core.queries import working_calendar
from portal.core.roles import Role
from portal.core.views.saved import views_over

from .acting import crumbs

PLACE = "desk:complaints"
READERS = (Role.HANDLER, Role.RED_LANE, Role.APPROVER, Role.AUDITOR)


@lists(Complaint, roles=READERS)
def complaints(request: Request) -> HttpResponse:
    """The cases within reach, urgent ones first."""
    found = filtered(request)
    tabs = _tabs(request, found)
    known = next(tab["number"] for tab in tabs if tab["current"])
    page = staff_page(request, found.qs.order_by(*found.order), known)
    context = _over(request, found) | {
        "page": page,
        "rows": [(each, casework.due_of(each)) for each in page],
        "filter": found,
        "tabs": tabs,
        "calendar": working_calendar(),
        "ringing": casework.ringing(request.user) if request.user.has_role(Role.RED_LANE) else 0,
        "crumbs": crumbs(),
    }
    return render(request, "complaints/desk/list.html", context)


def _over(request: Request, found: ComplaintFilter) -> dict[str, Any]:
    """What stands over the rows: the views that are kept, what may be done with many, new ones."""
    return {
        "views": views_over(request, PLACE),
        "may_keep": found.chosen,
        "bulk_acts": _bulk_acts(request),
        "carried": carried(request),
        "may_take": request.user.has_role(*TAKERS),
    }


def filtered(request: Request) -> ComplaintFilter:
    """The cases the address asks for."""
    seen = queries.office_cases(request.user)
    found = ComplaintFilter(request.GET, seen, request=request, at=request.at)
    found.qs  # ruff: ignore[useless-expression]  (fills any_state)
    return found


def _bulk_acts(request: Request) -> list[tuple[str, Any]]:
    """What may be done with many rows at once, by the rights of the person."""
    words = {"assign": _("分派选中的"), "remind": _("催办选中的")}
    return [(act, word) for act, word in words.items() if f"complaint.{act}" in request.user.rights]


def _tabs(request: Request, found: ComplaintFilter) -> list[dict[str, Any]]:
    """The groups of states with their numbers; those that grow for ever up to STAFF_MOST."""
    still_open = queries.open_counts(found.any_state)
    ended = queries.ended_count(found.any_state, STAFF_MOST)
    shown = []
    for value, words, states in TABS:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = value
        number = sum(n for state, n in still_open.items() if states is None or state in states)
        number += ended if states is None or states == DONE else 0
        shown.append({
            "label": words, "url": f"?{query.urlencode()}", "number": number,
            "count": number if number <= STAFF_MOST else f"{STAFF_MOST}+",
            "current": value == found.tab,
        })  # fmt: skip
    return shown
