"""The calendar a program fetches by itself: the secret in the address says whose it is."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from inspections import exports
from inspections.queries import visits as queries
from portal.core.pages import Request, public


@public()
def calendar_feed(request: Request, secret: str) -> HttpResponse:
    """The owner's visits: kind, facility, place and day; 404 for every secret that opens nothing.

    No cookie is read here and none is set; what called for a visit and who goes is not in it (R14).
    """
    owner = queries.calendar_owner(secret)
    if owner is None:
        raise Http404
    text = exports.calendar_file(queries.my_visits(owner, request.today), request.at)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
