"""What every public page of complaints stands on: headers, two cookies, the caller's network.

A person who happens to be signed in acts here as a resident: nothing ties the account to a case.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from complaints.models import Complaint
from portal.core import crypto
from portal.core.actors import Actor
from portal.core.pages import READ, READ_AND_WRITE, Request, public
from portal.core.queries import in_force

View = Callable[..., HttpResponse]
DRAFT, OPEN = "complaint_draft", "complaint_open"
_BINDING = "complaints.open"
_KEY_LENGTH = 64


def confidential(*, methods: Iterable[str] = READ) -> Callable[[View], View]:
    """A public page that nothing remembers: not the browser, not the next site, not a log."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: Request, **kwargs: Any) -> HttpResponse:
            request.actor = Actor.resident()
            response = view(request, **kwargs)
            response.headers["Cache-Control"] = "no-store, private"
            response.headers["Referrer-Policy"] = "same-origin"
            return response

        quiet = sensitive_post_parameters()(sensitive_variables()(page))
        return public(methods=methods)(quiet)

    return decorate


def holder(*, methods: Iterable[str] = READ_AND_WRITE) -> Callable[[View], View]:
    """A page about the case whose number and code were shown a while ago; else the way to them."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: Request, **kwargs: Any) -> HttpResponse:
            complaint = opened(request)
            if complaint is None:
                return redirect("complaints:track")
            request.actor = Actor.code_holder(complaint)
            return view(request, complaint, **kwargs)

        return confidential(methods=methods)(page)

    return decorate


def address_of(request: HttpRequest) -> str:
    """The caller's address, read here and nowhere else; it becomes a salted hash and is dropped."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if forwarded and getattr(settings, "ALLAUTH_TRUSTED_PROXY_COUNT", 0):
        return str(forwarded.split(",")[-1].strip())
    return str(request.META.get("REMOTE_ADDR", ""))


# --- the two cookies ------------------------------------------------------------------------------


def draft_key(request: HttpRequest) -> str:
    """The key under which the browser's answers lie; empty where it has none."""
    key = request.COOKIES.get(DRAFT, "")
    is_key = len(key) == _KEY_LENGTH and all(c in "0123456789abcdef" for c in key)
    return key if is_key else ""


def keep_key(response: HttpResponse, key: str) -> None:
    """Let the browser hold the key until it is closed."""
    _set(response, DRAFT, key, None)


def opened(request: Request) -> Complaint | None:
    """The case that was opened by number and code, while its minutes last."""
    token = request.COOKIES.get(OPEN, "")
    try:
        said = json.loads(crypto.unseal(bytes.fromhex(token), _BINDING))
    except (crypto.SealBroken, ValueError):
        return None
    if said["until"] < request.at.timestamp():
        return None
    return Complaint.objects.filter(pk=said["id"]).select_related("facility").first()


def open_case(response: HttpResponse, complaint: Complaint, at: dt.datetime, day: dt.date) -> None:
    """Let the browser see the case for some minutes; the sealed cookie is all there is of it."""
    minutes = in_force(day).integer("complaints.track_minutes")
    until = at + dt.timedelta(minutes=minutes)
    said = json.dumps({"id": str(complaint.pk), "until": until.timestamp()})
    _set(response, OPEN, crypto.seal(said, _BINDING).hex(), minutes * 60)


def forget(response: HttpResponse, *names: str) -> None:
    """Take cookies back."""
    for name in names:
        response.delete_cookie(name, path=settings.SESSION_COOKIE_PATH, samesite="Strict")


def _set(response: HttpResponse, name: str, value: str, seconds: int | None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Strict",
    )  # fmt: skip


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of complaints."""
    return [
        (_("首页"), reverse("public:home")),
        (_("投诉举报"), reverse("complaints:start")),
        *steps,
    ]
