"""Request number, idle time-out, browser rules."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from . import audit, clock, maintenance, queries, typed
from .frames import frame_of
from .staffing import factors, sessions

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


def ask_to_sign_in(request: HttpRequest, whose: str) -> HttpResponse:
    """To the login page and back; says truly what became of what was typed (ux.md §4.3)."""
    if typed.keep(request, whose):
        text = _("为了安全，您已退出登录。刚才填写的内容还在，登录后可以接着提交；文件请重新选择。")
        messages.info(request, text)
    else:
        messages.info(request, _("为了安全，您已退出登录，请重新登录。"))
    where = quote(request.get_full_path())
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?next={where}")


class CleanPath:
    """A path with a NUL names nothing here; PostgreSQL could not even be asked."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            raise Http404
        return self.get_response(request)


class Maintenance:
    """During an upgrade pages are shown and nothing is taken; what was typed stays on the page."""

    RETRY_SECONDS = 120

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        if not maintenance.is_on():
            response = self.get_response(request)
            if response.status_code in {HTTPStatus.FOUND, HTTPStatus.SEE_OTHER}:
                maintenance.stored()
            return response
        answer = render(request, "503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
        answer["Retry-After"] = str(self.RETRY_SECONDS)
        return answer


class SignInRequired(LoginRequiredMiddleware):
    """Django's rule that every page wants a person, and what was typed is not lost by it."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if typed.keep(request):
            text = _("请先登录。刚才填写的内容还在，登录后可以接着提交；文件请重新选择。")
            messages.info(request, text)
        return super().handle_no_permission(request, view_func)


class OfferTyped:
    """Offer a form again that was sent while nobody was signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks = request.method == "GET" and request.user.is_authenticated
        words = typed.take(request) if asks else []
        return self._offer(request, words) if words else self.get_response(request)

    @staticmethod
    def _offer(request: HttpRequest, words: list[tuple[str, str]]) -> HttpResponse:
        base = frame_of(request.user)  # type: ignore[arg-type]
        context = {"words": words, "base": base, "path": request.get_full_path()}
        return render(request, "core/typed.html", context)


class IdleTimeout:
    """Sign people out who have been away."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(clock.now().timestamp())
            seen = request.session.get("seen", now)
            if now - seen > self._limit(request):
                whose = str(request.user.pk)
                logout(request)
                if _is_public(request):
                    return self.get_response(request)
                return ask_to_sign_in(request, whose)
            if "seen" not in request.session or now - seen >= _TOUCH_SECONDS:
                request.session["seen"] = now
                sessions.seen(request.session, request.user, clock.now())
        return self.get_response(request)

    @staticmethod
    def _limit(request: HttpRequest) -> int:
        is_office = request.user.is_office  # type: ignore[union-attr]
        minutes = settings.IDLE_MINUTES_STAFF if is_office else settings.IDLE_MINUTES_OPERATOR
        return int(minutes) * 60


def _is_public(request: HttpRequest) -> bool:
    """Whether the page is everybody's: what is typed there is sent, and bound to no account."""
    try:
        policy = getattr(resolve(request.path_info).func, "policy", None)
    except Resolver404:
        return False
    return policy is not None and policy.kind == "public"


class SecondFactorDue:
    """Lead a person whose role asks for a second factor to set one up before anything else."""

    # What he needs for it, and the way out.
    OPEN = frozenset(
        {
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_reauthenticate",
            "account_reauthenticate",
            "account_logout",
            "core:preferences",
            "healthz",
            "readyz",
        }
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """After the route is known; whoever has one, or needs none, goes on."""
        match = request.resolver_match
        if match is None or match.view_name in self.OPEN or not factors.is_due(request.user):
            return None
        messages.info(request, _("您的岗位登录要用两步验证，请先开启验证器。"))
        return redirect("mfa_activate_totp")


# On the few pages with a button for the phone's own place.
WITH_PLACE = "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), interest-cohort=()"


class SameForAll:
    """Headers that Django has no setting for, outermost: on files, faults and refusals alike."""

    _RULES = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self._RULES)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class BrowserRules:
    """Words for an address that only takes forms; a signed-in person's pages are never cached."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            response = self._said_in_words(request, response)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    @staticmethod
    def _said_in_words(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
        response = render(request, "404.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
        response.headers["Allow"] = bare.headers.get("Allow", "")
        return response
