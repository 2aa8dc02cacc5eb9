"""显示设置: standard, large text or elder version, kept in a cookie of this device (P28)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from portal.core.context import DISPLAY_COOKIE, DISPLAY_MODES, display_mode
from portal.core.forms import PortalForm
from portal.core.pages import public

_A_YEAR = 365 * 24 * 3600


class DisplayForm(PortalForm):
    """Which of the three sizes."""

    submit_label = _("保存显示设置")
    guard = False

    mode = forms.ChoiceField(
        label=_("文字大小"),
        choices=[
            ("standard", _("标准")),
            ("large", _("大字：文字大四分之一")),
            ("elder", _("长者版：文字大一半，按钮更大，内容更少")),
        ],
        widget=forms.RadioSelect,
    )


def _way_back(request: HttpRequest) -> str:
    """The page the reader came from, if it is one of ours."""
    target = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return reverse("public:home")


@public(methods=("GET", "HEAD", "POST"))
def preferences(request: HttpRequest) -> HttpResponse:
    """Show the choice; a POST keeps it and leads back."""
    wanted = request.GET.get("mode", "")
    initial: dict[str, Any] = {"mode": wanted if wanted in DISPLAY_MODES else display_mode(request)}
    form = DisplayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        response = HttpResponseRedirect(_way_back(request), status=303)
        return _remember(response, form.cleaned_data["mode"])
    return render(request, "preferences.html", {"form": form})


def _remember(response: HttpResponse, mode: str) -> HttpResponse:
    response.set_cookie(
        DISPLAY_COOKIE,
        mode,
        max_age=_A_YEAR,
        path=get_script_prefix(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
