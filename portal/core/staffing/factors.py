"""The second factor: of whom it is asked (the office says so), and who still owes it."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from portal.core.queries import factor_roles

# What counts as one; recovery codes alone do not.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_asked_of(user: Any) -> bool:
    """Whether one of the person's roles of today asks for a second factor."""
    wanted = factor_roles()
    return bool(wanted) and user.has_role(*wanted)


def is_due(user: Any) -> bool:
    """Whether a signed-in person has to set up his second factor now."""
    if not user.is_authenticated or not is_asked_of(user):
        return False
    return not is_there(user)


def is_there(user: Any) -> bool:
    """Whether the person has a second factor."""
    return bool(Authenticator.objects.filter(user=user, type__in=KINDS).exists())


def has_other(authenticator: Any) -> bool:
    """Whether the person would still have a second factor without this one.

    Recovery codes are none, so they may always go.
    """
    if authenticator.type not in KINDS:
        return True
    held = Authenticator.objects.filter(user=authenticator.user, type__in=KINDS)
    return bool(held.exclude(pk=authenticator.pk).exists())
