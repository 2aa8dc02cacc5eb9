"""Request number, idle time-out, browser rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _

from . import audit, clock, queries

GetResponse = Callable[[HttpRequest], HttpResponse]
_TOUCH_SECONDS = 60


class RequestId:
    """Give each request a number that its audit lines carry, and one reading of the law."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.request_id.set(uuid.uuid4())
        try:
            with queries.remembered():
                return self.get_response(request)
        finally:
            audit.request_id.reset(token)


class IdleTimeout:
    """Sign people out who have been away; what they typed is in their draft (ux.md §4.3)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            seen = request.session.get("seen", now)
            if now - seen > self._limit(request):
                logout(request)
                text = _("为了安全，您已退出登录。填写的内容已保存，登录后可继续。")
                messages.info(request, text)
                return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(request.path)}")
            if "seen" not in request.session or now - seen >= _TOUCH_SECONDS:
                request.session["seen"] = now
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest) -> int:
        is_office = request.user.is_office  # type: ignore[union-attr]
        minutes = settings.IDLE_MINUTES_STAFF if is_office else settings.IDLE_MINUTES_OPERATOR
        return int(minutes) * 60


class BrowserRules:
    """Headers that Django has no setting for; a signed-in person's pages are never cached."""

    _RULES = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self._RULES)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response
