"""Finding a facility: the list, the page of one, the way from the code on its door."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from facilities import queries
from facilities.models import Certificate, Facility, FeeItem, OperatingPause
from inspections.queries import public as supervision
from inspections.rules.deadlines import public_since
from portal.core.context import EMERGENCY
from portal.core.models import Publication
from portal.core.pages import Request, public
from portal.core.paging import public_page
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.templatetags.portal import cn_date, tel
from portal.core.within import revived
from portal.site import disclosure, queries_public
from portal.site.filters import PublicFacilityFilter

from .evaluations import grades_of

QUIET_ZONE = 4  # modules around the code, without which cheap phones do not see it
CLOSED_TO_ROBOTS = ("my:home", "desk:home", "panel:home", "account_login")


@public()
def facilities(request: Request) -> HttpResponse:
    """The registered facilities, filtered by the address of the page."""
    listing = PublicFacilityFilter.understood(request.GET, in_force(request.today))
    page = public_page(request, listing.rows)
    context = {
        "listing": listing,
        "page": page,
        "cards": disclosure.cards(page, request.today),
        "crumbs": [(_("首页"), reverse("public:home")), (_("找托育"), "")],
    }
    return render(request, "public/facilities.html", context)


@public()
def facility(request: Request, code: str) -> HttpResponse:
    """One facility: the sentence, the two lines, what parents ask first, how to reach it."""
    known = queries_public.with_page(queries.public_facilities(), request.today)
    found = known.filter(code=code.upper()).first()
    if found is None:
        return _gone(request, code.upper())
    list_url = reverse("public:facilities")
    crumbs = [(_("首页"), reverse("public:home")), (_("找托育"), list_url), (found.name, "")]
    context = {**_blocks(request, found), "facility": found, "crumbs": crumbs}
    return render(request, "public/facility.html", context)


def _blocks(request: Request, facility: Facility) -> dict[str, Any]:
    """What the page of a facility shows, block by block."""
    law: Regulation = in_force(request.today)
    (card,) = disclosure.cards([facility], request.today)
    since = public_since(request.today, law)
    known: Any = facility  # with_page
    papers = revived(Certificate, known.its_papers)
    pauses = revived(OperatingPause, known.its_pauses)
    told = revived(Publication, known.its_outcomes)
    return {
        "card": card,
        "fees": revived(FeeItem, known.its_fees),
        "staff": queries.staff_counts(facility, law, known.its_posts),
        "class_rules": disclosure.class_rules(card, law),
        "certificates": disclosure.certificate_lines(papers, law, request.today),
        "facts_are_stale": disclosure.is_stale(facility.facts_on, request.today),
        "pause": pauses[0] if pauses else None,
        "visits": supervision.published_visits(facility, since) if known.was_visited else [],
        "outcomes": [dict(each.body[0]["rows"]) for each in told],
        "short_url": short_url(facility),
        "bar": _bar(facility),
        "grades": grades_of(facility, request.today) if known.was_evaluated else {},
    }


def _bar(facility: Facility) -> list[dict[str, str]]:
    """What the thumb reaches on a phone; sharing stands beside it."""
    hotline = EMERGENCY["hotline"]
    complain = _("投诉 %(phone)s") % {"phone": hotline}
    return [
        {"label": _("打电话"), "url": f"tel:{tel(facility.public_phone)}", "icon": "telephone"},
        {"label": complain, "url": f"tel:{hotline}", "icon": "megaphone"},
    ]


def short_url(facility: Facility) -> str:
    """The address on the door; the language of who prints the sign must not stick to it."""
    with override(settings.LANGUAGE_CODE):
        return _absolute("public:facility_short", facility.code)


def _gone(request: Request, code: str) -> HttpResponse:
    """Where a merged facility went; 410 for one that was public once; else 404."""
    found = queries_public.gone(code)
    if found and found.moved_to:
        return redirect("public:facility", code=found.moved_to, permanent=True)
    if found is None or not found.is_withdrawn:
        raise Http404
    reason = _("这家机构已停办，或者已在街道注销登记，登记信息不再公示。")
    if found.closed_on:
        reason = _("这家机构已于%(day)s停办，登记信息不再公示。") % {
            "day": cn_date(found.closed_on)
        }
    return render(request, "410.html", {"reason": reason}, status=410)


@public()
def facility_short(request: Request, code: str) -> HttpResponse:
    """The short link of the code on a door, typed by hand as people do."""
    typed = queries_public.code_typed(code, in_force(request.today))
    return redirect("public:facility", code=typed)


@public()
def facility_sign(request: Request, code: str) -> HttpResponse:
    """The sign for the door: name, code and the way to this page, on one sheet of A4."""
    found = queries.public_facilities().filter(code=code.upper()).first()
    if found is None:
        raise Http404
    address = short_url(found)
    drawn = segno.make(address, error="m", micro=False).svg_data_uri(border=QUIET_ZONE)
    context = {"facility": found, "qr": drawn, "address": address}
    return render(request, "public/facility_sign.html", context)


@public()
def robots(request: Request) -> HttpResponse:
    """What machines may read: the public pages."""
    closed: list[str] = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            closed += [reverse(name) for name in CLOSED_TO_ROBOTS]
    context = {"closed": closed, "sitemap": _absolute("public:sitemap_xml")}
    return render(request, "public/robots.txt", context, content_type="text/plain; charset=utf-8")


@public()
def sitemap_xml(request: Request) -> HttpResponse:
    """The public pages of facilities, for search engines."""
    rows = [
        (_absolute("public:facility", code), changed) for code, changed in queries_public.site_map()
    ]
    places = [_absolute(name) for name in ("public:home", "public:facilities")]
    context = {"places": places, "rows": rows}
    return render(request, "public/sitemap.xml", context, content_type="application/xml")


def _absolute(name: str, *values: str) -> str:
    return f"{settings.PUBLIC_ORIGIN}{reverse(name, args=values)}"
