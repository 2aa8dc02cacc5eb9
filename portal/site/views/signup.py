"""Opening an account for a facility: it proves nothing and shows only its own drafts (R23)."""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core.actions import open_operator_account
from portal.core.context import site_facts
from portal.core.pages import READ_AND_WRITE, Request, public
from portal.site.forms import SignUpForm

RATE = "portal_signup"  # 10 an hour and address, in settings.ACCOUNT_RATE_LIMITS
WAIT_MINUTES = 60


@public(methods=READ_AND_WRITE)
def signup(request: Request) -> HttpResponse:
    """Ask; a POST opens the account and leads to the sign-in page.

    A known phone gets the same answer as a new one, so the page tells nobody who has an account;
    nobody is signed in by it, because nothing here proves whose phone it is.
    """
    if request.user.is_active:  # never true of a visitor
        return redirect("core:landing")
    form = SignUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _open(request, form)
    return render(request, "public/signup.html", {"form": form})


def _open(request: Request, form: SignUpForm) -> HttpResponse:
    if not ratelimit.consume(request, action=RATE):
        return render(request, "429.html", {"minutes": WAIT_MINUTES}, status=429)
    data = form.cleaned_data
    open_operator_account(
        data["username"],
        data["display_name"],
        data["password1"],
        by=request.actor,
        at=request.at,
    )
    text = _(
        "账号申请已收到，请用手机号和刚才设置的密码登录。如果这个手机号原来就有账号，"
        "密码没有改变，请用原来的密码登录，或打电话 %(phone)s 联系街道。"
    )
    messages.success(request, text % {"phone": site_facts()["phone"]})
    return HttpResponseRedirect(reverse("account_login"), status=303)
