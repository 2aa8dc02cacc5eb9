"""How allauth behaves here: closed sign-up, landing page by role, sign-ins in the audit trail."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.signals import password_changed
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from . import audit, clock, crypto
from .actors import Actor
from .models import User, with_roles
from .queries import office
from .staffing import factors, sessions


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by the portal's own pages, never by allauth's."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("账号或密码不对，请核对后再试。"),
        "too_many_login_attempts": _("试的次数较多，请 15 分钟后再试，或打电话联系街道。"),
        "account_inactive": _("这个账号已停用，请联系街道。"),
        "incorrect_password": _("密码不对，请核对后再试。"),
    }

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures are counted for account and address: nobody can lock out somebody else."""
        login = str(credentials.get("username", "")).lower()
        return f"{login}@{self.get_client_ip(request)}"

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignedIn(AuthenticationBackend):  # type: ignore[misc]
    """allauth's own; who is signed in is read together with his roles, for every page asks both."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, unless the account is switched off."""
        person = with_roles(user_id)
        return person if person and self.user_can_authenticate(person) else None


class PortalMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor, where a role asks for it, is not taken off by the person himself."""

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not factors.is_asked_of(authenticator.user) or factors.has_other(authenticator)

    def generate_authenticator_name(self, user: Any, type_: Any) -> str:
        """What a key is called until its owner finds a better name."""
        return str(_("安全密钥"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site as the browser shows it: the address that was typed, and the office's name."""
        host = context.request.get_host().partition(":")[0]
        return {"id": host, "name": office()["name"]}

    def encrypt(self, text: str) -> str:
        return crypto.seal_text(text, crypto.FACTOR_BINDING)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unseal_text(encrypted_text, crypto.FACTOR_BINDING)


def _keep(act: str, user: Any) -> None:
    entry = audit.line(act, user, by=Actor.person(user), at=clock.now())
    audit.write_alone(entry)


@receiver(user_logged_in)
def keep_login(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """A sign-in leaves a line."""
    _keep("account.signed_in", user)
    sessions.keep(request.session, user, clock.now())


@receiver(user_logged_out)
def keep_logout(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """A sign-out leaves a line."""
    if user is not None:
        _keep("account.signed_out", user)
        sessions.forget(request.session)


@receiver(password_changed)
def end_other_sessions(sender: Any, request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """A new password ends every other sign-in of the person (security.md X14)."""
    sessions.keep(request.session, user, clock.now())
    sessions.drop(user, but=str(request.session.session_key))
    _keep("account.password_changed", user)


@receiver(user_login_failed)
def keep_failure(sender: Any, credentials: Any, **_kwargs: Any) -> None:
    """A failed try leaves a line without the name that was typed (it may be a password)."""
    entry = audit.line(
        "account.sign_in_failed", None, by=Actor("visitor", "visitor"), at=clock.now()
    )
    audit.write_alone(entry)
