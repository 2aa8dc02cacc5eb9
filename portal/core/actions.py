"""Small acts of the ground that have no noun of their own."""

from __future__ import annotations

import datetime as dt
import uuid

from .actors import Actor
from .models import Notification
from .workflow import action


@action
def read_notification(pk: str | uuid.UUID, *, by: Actor, at: dt.datetime) -> Notification | None:
    """Mark one of the person's own messages as read; None when it is not his."""
    assert by.user is not None
    own = Notification.objects.visible_to(by.user).filter(pk=pk)
    own.unread().update(read_at=at)
    return own.first()


@action
def read_all_notifications(*, by: Actor, at: dt.datetime) -> int:
    """Mark all of the person's messages as read; returns how many were not."""
    assert by.user is not None
    return Notification.objects.visible_to(by.user).unread().update(read_at=at)
