"""Pages for what went wrong: plain words, a way on, a phone number (ux.md §4.3)."""

from __future__ import annotations

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from portal.core import clock, maintenance


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400: the request itself cannot be understood."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """403: in sight, but not for this person; whom to ask."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404: not there, or not for this person to know."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page without context, since the fault may be anywhere; 503 where the disk is full."""
    if maintenance.is_disk_full(sys.exception()):
        maintenance.note_full(clock.now())
        page = loader.get_template("503.html").render({"is_full": True})
        return HttpResponse(page, status=503, headers={"Retry-After": "120"})
    return HttpResponse(loader.get_template("500.html").render(), status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a page that stood open too long."""
    return render(request, "403_csrf.html", status=403)
