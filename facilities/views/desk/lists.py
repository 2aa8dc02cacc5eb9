"""The list of filings, and how its filter travels with a person from page to page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.filters import FilingFilter
from facilities.models import Filing
from facilities.models.filing import FILING_READERS
from facilities.queries import desk as desk_queries
from facilities.workflow import FilingStatus
from portal.core import permissions
from portal.core.pages import Request, lists
from portal.core.paging import carried, kept, page_of
from portal.core.queries import working_calendar
from portal.core.roles import Role

READERS = (*FILING_READERS, Role.COMMUNITY)
# The tabs in the order of the work.
TABS = (
    FilingStatus.SUBMITTED,
    FilingStatus.IN_REVIEW,
    FilingStatus.CORRECTION,
    FilingStatus.PROPOSED,
    FilingStatus.REGISTERED,
    FilingStatus.DECLINED,
    FilingStatus.WITHDRAWN,
)


@lists(Filing, roles=READERS)
def filings(request: Request) -> HttpResponse:
    """Every filing within reach, by state."""
    found = filtered(request)
    target = desk_queries.named_exactly(request.user, request.GET.get("q", ""))
    if isinstance(target, Filing):
        return redirect("desk:filing", number=target.number)
    return render(request, "desk/filings.html", _list(request, found))


def _list(request: Request, found: FilingFilter) -> dict[str, Any]:
    page = page_of(request, found.qs.order_by(*found.order))
    return {
        "page": page,
        "rows": [permissions.reached(request.user, each) for each in page],
        "filter": found,
        "tabs": _tabs(request, found),
        "calendar": working_calendar(),
        "kept": kept(request),
        "may_enter": request.user.has_role(Role.CLERK),
        "bulk_acts": _bulk_acts(request),
        "carried": carried(request),
        "crumbs": crumbs((_("登记审核"), "")),
    }


def _bulk_acts(request: Request) -> list[tuple[str, Any]]:
    """What may be done with many rows at once, by the rights of the person."""
    words = {"assign": _("分派选中的"), "remind": _("催办选中的")}
    return [(act, word) for act, word in words.items() if f"filing.{act}" in request.user.rights]


def filtered(request: Request) -> FilingFilter:
    """The filings the address asks for."""
    found = FilingFilter(
        request.GET, desk_queries.sent_filings(request.user), request=request, at=request.at
    )
    found.qs  # ruff: ignore[useless-expression]  (fills any_state)
    return found


def _tabs(request: Request, found: FilingFilter) -> list[dict[str, Any]]:
    rows = found.any_state.order_by().values("state").annotate(n=Count("pk"))
    counts = {row["state"]: row["n"] for row in rows}
    shown: list[tuple[str, Any, int]] = [(s, s.label, counts.get(s, 0)) for s in TABS]
    shown.append(("", _("全部"), sum(counts.values())))
    return [
        {
            "label": label,
            "url": tab_url(request, found.tab_name, state),
            "count": count,
            "current": state == found.tab,
        }
        for state, label, count in shown
    ]


def tab_url(request: Request, name: str, value: str) -> str:
    """The address of a tab: the filter as it is, another value, the first page."""
    query = request.GET.copy()
    query.pop("page", None)
    query[name] = value
    return f"?{query.urlencode()}"


def with_query(request: HttpRequest, **more: str) -> str:
    """The kept filter with something added for one page."""
    base = kept(request)
    return f"{base}{'&' if base else '?'}{urlencode(more)}"


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the desk to this page."""
    return [(_("工作台"), reverse("desk:home")), *steps]
