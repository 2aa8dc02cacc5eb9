"""What is near: from a community, a facility, or where the phone is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core.middleware import WITH_PLACE
from portal.core.pages import Request, posted, public
from portal.site import disclosure, queries_near
from portal.site.forms import NearForm

HALF = 150  # of the drawing, in its own units
EDGE = 20
USUAL_KM = 3


@public(methods=("GET", "HEAD", "POST"))
def near(request: Request) -> HttpResponse:
    """The list by distance; a place of one's own is sent and never stands in an address."""
    form = NearForm(posted(request))
    start: tuple[str, queries_near.Point] | None = None
    km = USUAL_KM
    if request.method != "POST":
        start = queries_near.place_of(request.GET.get("from", "")[:20].upper())
    elif form.is_valid():
        start, km = _start(form), form.cleaned_data["within"]
    crumbs = [(_("首页"), reverse("public:home")), (_("按距离找"), "")]
    context = {"form": form, "crumbs": crumbs, **(_found(request, start, km) if start else {})}
    response = render(request, "public/near.html", context)
    response.headers["Permissions-Policy"] = WITH_PLACE
    return response


def _start(form: NearForm) -> tuple[str, queries_near.Point] | None:
    """Words and place; a community where nobody has said where he is, has none."""
    if point := form.cleaned_data["point"]:
        return _("您填的位置"), point
    community = form.cleaned_data["community"]
    middle = queries_near.middle_of(community)
    if middle is None:
        text = _("%(name)s的机构还没有标出位置，请选别的社区，或者用手机定位")
        form.add_error("community", text % {"name": community.name})
        return None
    return community.name, middle


def _found(request: Request, start: tuple[str, queries_near.Point], km: int) -> dict[str, Any]:
    words, point = start
    rows: list[Any] = list(queries_near.near(point, km)[: queries_near.MOST])
    cards = disclosure.cards(rows, request.today)
    return {
        "start": words,
        "km": km,
        "most": queries_near.MOST if len(rows) == queries_near.MOST else 0,
        "cards": [(f"{row.km:.1f}", card) for row, card in zip(rows, cards, strict=True)],
        "points": _points(point, rows, km),
        "half": HALF,
        "rim": HALF - EDGE,
    }


def _points(start: queries_near.Point, rows: Sequence[Any], km: int) -> list[dict[str, Any]]:
    """Where each one stands on the drawing, north above; numbered as in the list."""
    here, along = map(float, start)
    scale = (HALF - EDGE) / km
    return [
        {
            "number": number,
            "x": round(
                (float(row.longitude) - along) * queries_near.DEGREE_KM
                * math.cos(math.radians(here)) * scale
            ),
            "y": round((here - float(row.latitude)) * queries_near.DEGREE_KM * scale),
        }
        for number, row in enumerate(rows, start=1)
    ]  # fmt: skip
