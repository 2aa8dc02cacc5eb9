"""What the frame of every signed-in page counts: the hand's own work and unread messages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from facilities.queries import review_queue
from portal.core.queries import unread_count


def counts(request: HttpRequest) -> dict[str, Any]:
    """The context processor: each number is asked for once, and only where it is shown."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "unread_count": SimpleLazyObject(lambda: unread_count(user)),
        "task_count": SimpleLazyObject(lambda: review_queue(user).count()),
    }
