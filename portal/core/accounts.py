"""How allauth behaves here: closed sign-up, landing page by role, sign-ins in the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import audit, clock
from .actors import Actor


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by the portal's own pages, never by allauth's."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("账号或密码不对，请核对后再试。"),
        "too_many_login_attempts": _("试的次数较多，请 15 分钟后再试，或打电话联系街道。"),
        "account_inactive": _("这个账号已停用，请联系街道。"),
        "incorrect_password": _("密码不对，请核对后再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def _keep(act: str, user: Any) -> None:
    entry = audit.line(act, user, by=Actor.person(user), at=clock.now())
    audit.write_alone(entry)


@receiver(user_logged_in)
def keep_login(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """A sign-in leaves a line."""
    _keep("account.signed_in", user)


@receiver(user_logged_out)
def keep_logout(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """A sign-out leaves a line."""
    if user is not None:
        _keep("account.signed_out", user)


@receiver(user_login_failed)
def keep_failure(sender: Any, credentials: Any, **_kwargs: Any) -> None:
    """A failed try leaves a line without the name that was typed (it may be a password)."""
    entry = audit.line(
        "account.sign_in_failed", None, by=Actor("visitor", "visitor"), at=clock.now()
    )
    audit.write_alone(entry)
