"""What ends in a month, or within the days of warning, at the facilities within reach."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import queries
from facilities.filters import ExpiryFilter, month_after
from facilities.models import Facility
from facilities.models.facility import OFFICE_READERS
from facilities.views.ending import shown
from portal.core.pages import Request, lists
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role

from .lists import crumbs

READERS = (*OFFICE_READERS, Role.COMMUNITY)
PAGE = 50


@lists(Facility, roles=READERS)
def expiries(request: Request) -> HttpResponse:
    """Certificates, staff papers and leases by the week in which they end."""
    mine = Facility.objects.visible_to(request.user).public()
    found = ExpiryFilter(request.GET, mine, request=request, at=request.at)
    law = in_force(request.today)
    page = page_of(request, found.ending(law), PAGE)
    context = {
        "page": page,
        "weeks": by_week(page, request.today, law),
        "filter": found,
        "month": _months(request, found) if not found.chosen("state") else None,
        "totals": _totals(found, request.today, law),
        "crumbs": crumbs((_("到期日历"), "")),
    }
    return render(request, "desk/expiries.html", context)


def _months(request: Request, found: ExpiryFilter) -> dict[str, Any]:
    """The chosen month and the way to its neighbours, the other conditions kept."""
    before = (found.first_of_month - dt.timedelta(days=1)).replace(day=1)
    steps = {"before": before, "after": month_after(found.first_of_month)}
    links = {name: (day, _month_url(request, day)) for name, day in steps.items()}
    return {"first": found.first_of_month, **links}


def _month_url(request: Request, day: dt.date) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query["month"] = f"{day:%Y-%m}"
    return f"?{query.urlencode()}"


def _totals(found: ExpiryFilter, today: dt.date, law: Regulation) -> list[dict[str, Any]]:
    """How much is overdue and how much ends soon, with the way to each list."""
    soon = law.integer("materials.expiring_days")
    kind = found.chosen("kind")
    overdue = queries.ending(found.qs, kind=kind, last=today - dt.timedelta(days=1))
    near = queries.ending(found.qs, kind=kind, first=today, last=today + dt.timedelta(days=soon))
    here = reverse("desk:expiries")
    return [
        {"label": _("已过期"), "value": overdue.count(), "url": f"{here}?state=overdue"},
        {
            "label": _("%(n)s 天内到期") % {"n": soon},
            "value": near.count(),
            "url": f"{here}?state=soon",
        },
    ]


def by_week(
    rows: Iterable[Mapping[str, Any]], today: dt.date, law: Regulation
) -> list[tuple[dt.date, dt.date, int, list[dict[str, Any]]]]:
    """The rows of a page by week: Monday, Sunday, how many papers, and what ends in it."""
    found = []
    for monday, group in itertools.groupby(rows, key=lambda row: _monday(row["until"])):
        things = [shown(row, today, law) | {"url": _url(row)} for row in queries.together(group)]
        papers = sum(thing["count"] for thing in things)
        found.append((monday, monday + dt.timedelta(days=6), papers, things))
    return found


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


_TABS = {"certificate": "?tab=certificates", "staff": "?tab=staff"}


def _url(row: Mapping[str, Any]) -> str:
    return reverse("desk:facility", args=[row["facility_code"]]) + _TABS.get(row["source_key"], "")
