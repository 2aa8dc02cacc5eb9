"""What the frame of every signed-in page counts: the hand's own work and unread messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from facilities.models.facility import OFFICE_READERS
from portal.core.roles import Role

from .queries import frame_counts


def counts(request: HttpRequest) -> dict[str, Any]:
    """The context processor: both numbers in one query, and only where they are shown."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    both = SimpleLazyObject(lambda: frame_counts(user))
    return {
        "task_count": SimpleLazyObject(lambda: both[0]),
        "unread_count": SimpleLazyObject(lambda: both[1]),
        "may_search": SimpleLazyObject(lambda: user.has_role(*OFFICE_READERS, Role.COMMUNITY)),
    }
