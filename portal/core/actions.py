"""Small acts of the ground that have no noun of their own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from . import clock
from .actors import Actor
from .models import Notification, Outbox, RoleAssignment, User
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
def choose_mail(email: str, topics: Sequence[str], *, by: Actor, at: dt.datetime) -> User:
    """Keep the person's own address and the groups of messages that also go there."""
    person: User = User.objects.select_for_update().get(pk=by.somebody.pk)
    if (person.email, person.mail_topics) != (email, list(topics)):
        person.email, person.mail_topics = email, list(topics)
        person.save(update_fields=["email", "mail_topics"])
        record(person, "account.mail_chosen", by=by, at=at, topics=",".join(topics))
    return person


@action
def send_again(message: str | uuid.UUID, *, by: Actor, at: dt.datetime) -> bool:
    """Queue a given-up letter once more; False when there is none, or it is no longer given up."""
    letters = Outbox.objects.filter(kind="email", payload__message=str(message))
    letter = letters.exclude(failed_at=None).select_for_update().first()
    if letter is None:
        return False
    letter.attempts, letter.failed_at, letter.claimed_until, letter.due_at = 0, None, None, at
    letter.save(update_fields=["attempts", "failed_at", "claimed_until", "due_at"])
    record(None, "letter.sent_again", by=by, at=at, message=str(message))
    return True


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
