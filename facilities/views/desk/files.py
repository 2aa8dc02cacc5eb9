"""Facility files (一企一档) and the mirror of the health department's filing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries
from facilities.filters import FacilityFilter
from facilities.forms.desk import StatutoryForm
from facilities.models import Certificate, Facility, Filing
from facilities.models.facility import OFFICE_READERS
from facilities.queries import desk as desk_queries
from portal.core.badges import Badge
from portal.core.pages import Request, lists, shows
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role

from . import reading
from .lists import READERS as FILING_PAGE_READERS
from .lists import crumbs, kept, posted

READERS = (*OFFICE_READERS, Role.COMMUNITY)


@lists(Facility, roles=READERS)
def facilities(request: Request) -> HttpResponse:
    """The facility files within reach; a number typed in full opens its file."""
    target = desk_queries.named_exactly(request.user, request.GET.get("q", ""))
    if target is not None:
        return redirect(target.url_for(request.user))
    return render(request, "desk/facilities.html", _list(request))


def _list(request: Request) -> dict[str, Any]:
    found = FacilityFilter(
        request.GET, desk_queries.facility_files(request.user), request=request, at=request.at
    )
    page = page_of(request, found.qs)
    law = in_force(request.today)
    return {
        "page": page,
        "rows": [(each, _expiry(each.expires, request, law)) for each in page],
        "filter": found,
        "kept": kept(request),
        "crumbs": crumbs((_("机构档案"), "")),
    }


@shows(Facility, key="code", roles=READERS)
def facility(request: Request, facility: Facility) -> HttpResponse:
    """One facility: overview, registration, papers it holds, papers we issued."""
    query = {"registration": _registration, "certificates": _certificates, "papers": _papers}
    tab = request.GET.get("tab", "")
    tab = tab if tab in query else ""
    context = {
        "facility": facility,
        "tab": tab,
        "tabs": _tabs(tab),
        "may_mirror": request.user.has_role(Role.CLERK),
        "crumbs": crumbs((_("机构档案"), reverse("desk:facilities")), (facility.name, "")),
        **query.get(tab, _overview)(request, facility),
    }
    return render(request, "desk/facility.html", context)


def _tabs(tab: str) -> list[dict[str, Any]]:
    words = {
        "": _("概况"),
        "registration": _("登记"),
        "certificates": _("证照"),
        "papers": _("文书"),
    }
    return [
        {"label": label, "url": f"?tab={key}" if key else "?", "current": key == tab}
        for key, label in words.items()
    ]


@shows(Facility, key="code", roles=(Role.CLERK,), methods=("GET", "HEAD", "POST"))
def statutory(request: Request, facility: Facility) -> HttpResponse:
    """Write down what the health department's system shows."""
    mirror = facility.statutory_filing
    initial = {name: getattr(mirror, name) for name in ("status", "number", "filed_on")}
    form = StatutoryForm(posted(request), initial=initial, today=request.today)
    form.cancel_url = reverse("desk:facility", args=[facility.code])
    if request.method == "POST" and form.is_valid():
        actions.record_statutory_filing(
            facility, form.cleaned_data, by=request.actor, at=request.at
        )
        messages.success(request, _("已保存%(name)s的卫健备案情况。") % {"name": facility.name})
        return redirect("desk:facility", code=facility.code)
    files = (_("机构档案"), reverse("desk:facilities"))
    here = (facility.name, reverse("desk:facility", args=[facility.code]))
    context = {"facility": facility, "form": form,
               "crumbs": crumbs(files, here, (_("卫健备案情况"), ""))}  # fmt: skip
    return render(request, "desk/statutory.html", context)


# --- the tabs -----------------------------------------------------------------------------------


def _overview(_request: Request, facility: Facility) -> dict[str, Any]:
    classes = list(facility.classes.all())
    return {
        "classes": classes,
        "places": sum(group.capacity for group in classes),
        "vacancies": sum(group.vacancies for group in classes),
    }


def _registration(request: Request, facility: Facility) -> dict[str, Any]:
    filings = desk_queries.sent_filings(request.user).filter(facility=facility)
    may_read = request.user.has_role(*FILING_PAGE_READERS)
    return {"filings": filings.order_by("-submitted_at") if may_read else Filing.objects.none()}


def _certificates(request: Request, facility: Facility) -> dict[str, Any]:
    law = in_force(request.today)
    papers = queries.current_certificates(facility)
    return {
        "certificates": [
            (
                paper,
                reading.material_name(paper.material, law),
                certificate_badge(paper, request, law),
            )
            for paper in papers
        ]
    }


def _papers(request: Request, facility: Facility) -> dict[str, Any]:
    issued = desk_queries.papers_of_facility(facility, request.user)
    return {"issued": [(paper, reading.paper_links(paper)) for paper in issued]}


def certificate_badge(paper: Certificate, request: Request, law: Regulation) -> Badge:
    """In force, soon to expire, expired, or without an end."""
    return _expiry(paper.valid_until, request, law) or Badge(
        "ok", "check-circle-fill", _("长期有效")
    )


def _expiry(until: Any, request: Request, law: Regulation) -> Badge | None:
    if until is None:
        return None
    left = (until - request.today).days
    if left < 0:
        return Badge("danger", "x-octagon-fill", _("已过期"))
    if left <= law.integer("materials.expiring_days"):
        return Badge("warn", "clock-history", _("剩 %(n)s 天") % {"n": left})
    return Badge("ok", "check-circle-fill", _("有效"))
