"""The second factor: of whom it is asked (setting MFA_ROLES), and who still owes it."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings


def is_asked_of(user: Any) -> bool:
    """Whether one of the person's roles of today asks for a second factor."""
    return bool(settings.MFA_ROLES) and user.has_role(*settings.MFA_ROLES)


def is_due(user: Any) -> bool:
    """Whether a signed-in person has to set up his second factor now."""
    if not settings.MFA_ROLES or not user.is_authenticated or not is_asked_of(user):
        return False
    return not Authenticator.objects.filter(user=user, type="totp").exists()
