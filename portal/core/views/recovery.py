"""Coming in by a code of the counter, and one's own sign-ins. Neither page signs anybody in."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import staffing
from portal.core.models.accounts import CodeKind
from portal.core.pages import READ_AND_WRITE, Request, public, signed_in
from portal.core.staffing import factors, sessions
from portal.core.user_forms import CodeForm

RATE = "portal_code"  # as failed sign-ins, in settings.ACCOUNT_RATE_LIMITS
WAIT_MINUTES = 15


@public(methods=READ_AND_WRITE)
def invited(request: Request) -> HttpResponse:
    """An invited colleague chooses a password."""
    return _by_code(request, CodeKind.INVITATION, "account/invited.html")


@public(methods=READ_AND_WRITE)
def recover(request: Request) -> HttpResponse:
    """Whoever lost password or second factor sets a new password."""
    return _by_code(request, CodeKind.RECOVERY, "account/recover.html")


def _by_code(request: Request, kind: str, template: str) -> HttpResponse:
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        tried = f"{data['username'].lower()}@{get_adapter().get_client_ip(request)}"
        if not ratelimit.consume(request, action=RATE, key=tried):
            return render(request, "429.html", {"minutes": WAIT_MINUTES}, status=429)
        if staffing.use_code(
            data["username"], data["code"], data["password1"], kind, at=request.at
        ):
            messages.success(request, _("新密码已保存，请用它登录。"))
            return HttpResponseRedirect(reverse("account_login"), status=303)
        form.add_error(None, _("账号或代码不对，或者代码已经过期、用过。请核对，或联系街道"))
    return render(request, template, {"form": form})


@signed_in(methods=READ_AND_WRITE)
def own_sessions(request: Request) -> HttpResponse:
    """The person's sign-ins; a POST ends all others."""
    key = str(request.session.session_key or "")
    if request.method == "POST":
        ended = sessions.end_others(key, by=request.actor, at=request.at)
        messages.success(
            request, _("已结束其他登录 %(n)s 个。") % {"n": ended} if ended else _("没有其他登录。")
        )
        return redirect("account_sessions")
    here = sessions.fingerprint(key)
    rows = [
        {"session": one, "is_here": one.key_hash == here}
        for one in sessions.live(request.user, request.at)
    ]
    return render(request, "account/sessions.html", {"rows": rows})


@login_required
def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A security key goes, but not the last second factor of somebody who must have one."""
    key = Authenticator.objects.filter(pk=pk, user=request.user).first()
    if key and factors.is_asked_of(key.user) and not factors.has_other(key):
        messages.warning(request, _("您的岗位必须使用两步验证，请先添加另一个，再移除这一个。"))
        return redirect("mfa_list_webauthn")
    answer: HttpResponse = webauthn.remove_webauthn(request, pk=pk)
    return answer
