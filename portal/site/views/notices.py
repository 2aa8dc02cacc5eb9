"""What the office has published: the start of the section, single notices, named places."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.queries.leads import named_places
from inspections.queries.public import since_then
from portal.core.models import Publication, PublicationStatus
from portal.core.models.publication import kinds
from portal.core.pages import Request, public
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.site import queries_public

LATEST = 20
NAMED_PAGE = 30


def crumbs_of(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the start to this page."""
    return [(_("首页"), reverse("public:home")), *steps]


def kind_tabs(request: Request, current: str) -> list[dict[str, Any]]:
    """The kinds of which something is public, after the start of the section."""
    there = queries_public.published_kinds(request.today)
    tabs = [{"label": _("最新"), "url": reverse("public:disclosure"), "current": not current}]
    lists: dict[str, dict[str, Any]] = {}
    for code, kind in kinds().items():
        if kind.list_name and code in there:  # kinds that stand in one list have one tab
            url = reverse(kind.list_name)
            tab = lists.setdefault(url, {"label": kind.label, "url": url, "current": False})
            tab["current"] |= code == current or url == request.path
    return [*tabs, *lists.values()]


@public()
def disclosure_index(request: Request) -> HttpResponse:
    """The newest notices of every kind, and the lists (P16)."""
    context = {
        "tabs": kind_tabs(request, ""),
        "notices": queries_public.latest_notices(request.today, LATEST),
        "crumbs": crumbs_of((_("信息公示"), "")),
    }
    return render(request, "public/disclosure.html", context)


@public()
def unregistered(request: Request) -> HttpResponse:
    """Places that look after children without a registration, where two officials decided so."""
    page = page_of(request, named_places(request.today), NAMED_PAGE)
    context = {
        "tabs": kind_tabs(request, "unregistered"),
        "page": page,
        "rows": [(each, _place(each)) for each in page],
        "crumbs": crumbs_of((_("信息公示"), reverse("public:disclosure")), (_("未登记的场所"), "")),
    }
    return render(request, "public/unregistered.html", context)


@public()
def not_open(request: Request) -> HttpResponse:
    """Facilities that pause, that closed, and whose registration the office ended."""
    rows = queries_public.not_open(request.today, in_force(request.today))
    context = {
        "tabs": kind_tabs(request, ""),
        "page": page_of(request, rows, NAMED_PAGE),
        "crumbs": crumbs_of(
            (_("信息公示"), reverse("public:disclosure")), (_("暂停和停办的机构"), "")
        ),
    }
    return render(request, "public/not_open.html", context)


@public()
def refusals(request: Request) -> HttpResponse:
    """Who was refused a registration and why, where two officials decided to say so."""
    page = page_of(request, queries_public.refusals(request.today), NAMED_PAGE)
    context = {
        "tabs": kind_tabs(request, "refusal"),
        "page": page,
        "rows": [(each, _place(each)) for each in page],
        "crumbs": crumbs_of((_("信息公示"), reverse("public:disclosure")), (_("不予登记"), "")),
    }
    return render(request, "public/refusals.html", context)


def _place(notice: Publication) -> dict[str, str]:
    """Community and address as the notice says them."""
    facts = dict(notice.body[0]["rows"])
    return {"community": facts.get("社区（村）", ""), "address": facts.get("地址", "")}


@public()
def publication(request: Request, id: str) -> HttpResponse:  # ruff: ignore[builtin-argument-shadowing]  (the URL's word)
    """One notice as it was decided; of a withdrawn one the day and the reason, nothing else."""
    found = Publication.objects.ever_public().filter(pk=id).first()
    if found is None:
        raise Http404
    if found.state == PublicationStatus.REPLACED:
        return _to_the_newest(found)
    crumbs = crumbs_of((_("信息公示"), reverse("public:disclosure")), (_("公示"), ""))
    context = {"publication": found, "crumbs": crumbs}
    if found.state == PublicationStatus.WITHDRAWN:
        return render(request, "public/publication_withdrawn.html", context, status=410)
    if found.until and found.until < request.today:
        return render(request, "public/publication_over.html", context, status=410)
    context["since_then"] = since_then(found)
    return render(request, "public/publication.html", context)


def _to_the_newest(found: Publication) -> HttpResponse:
    """The version that took its place, whatever became of that one."""
    newest = (
        Publication.objects.ever_public()
        .filter(noun_type=found.noun_type, noun_id=found.noun_id, kind=found.kind)
        .order_by("-version")
        .first()
    )
    return redirect("public:publication", id=newest.pk if newest else found.pk)
