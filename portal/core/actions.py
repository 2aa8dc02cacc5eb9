"""Small acts of the ground that have no noun of their own."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from . import clock
from .actors import Actor
from .models import Notification, RoleAssignment, User
from .roles import Role
from .workflow import action, record


@action
def read_notification(pk: str | uuid.UUID, *, by: Actor, at: dt.datetime) -> Notification | None:
    """Mark one of the person's own messages as read; None when it is not his."""
    own = Notification.objects.visible_to(by.somebody).filter(pk=pk)
    own.unread().update(read_at=at)
    return own.first()


@action
def read_all_notifications(*, by: Actor, at: dt.datetime) -> int:
    """Mark all of the person's messages as read; returns how many were not."""
    return Notification.objects.visible_to(by.somebody).unread().update(read_at=at)


@action
def open_operator_account(
    username: str, display_name: str, password: str, *, by: Actor, at: dt.datetime
) -> User | None:
    """Open an account that may file for a facility; None when the name is taken.

    Both ways cost the same work, so that the time of the answer tells nobody who has an account.
    """
    person = User(username=username, display_name=display_name, password=make_password(password))
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        return None
    RoleAssignment.objects.create(user=person, role=Role.OPERATOR, valid_from=clock.day_of(at))
    record(person, "account.opened", by=by, at=at, role=Role.OPERATOR)
    return person
