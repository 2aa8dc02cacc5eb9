"""Effects that are owed: written with the act, delivered later, each exactly once in the portal.

Celery only wakes `drain`; the promise is a row in PostgreSQL (security.md §4.4). A worker that
dies holds its row for the length of the lease, then another takes it. In-app effects and the
`done_at` mark share one transaction, so they happen once; a mail may be sent once more per crash.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from .models import Notification, Outbox, User

LEASE = dt.timedelta(seconds=60)
BACKOFF = dt.timedelta(seconds=30)
BACKOFF_LIMIT = dt.timedelta(hours=1)
Handler = Callable[[Mapping[str, Any], dt.datetime], None]
Wording = Callable[[Any, Mapping[str, str], User], "Words"]

logger = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}
_wordings: dict[str, Wording] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """What an in-app message says, and the page it leads to."""

    title: str
    body: str = ""
    url: str = ""


_CLAIM = """
UPDATE core_outbox SET claimed_until = %(until)s, attempts = attempts + 1
WHERE id = (SELECT id FROM core_outbox
            WHERE done_at IS NULL AND due_at <= %(at)s
              AND (claimed_until IS NULL OR claimed_until <= %(at)s)
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id"""


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the deliverer of a kind of row; handlers live in the apps' `tasks` rooms."""

    def remember(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return remember


def words(kind: str) -> Callable[[Wording], Wording]:
    """Register how a kind of message reads: (noun, params, person) -> Words."""

    def remember(wording: Wording) -> Wording:
        _wordings[kind] = wording
        return wording

    return remember


def post(kind: str, payload: Mapping[str, Any], *, dedup_key: str, at: dt.datetime) -> bool:
    """Promise an effect inside the act's transaction; False when it was promised before."""
    row = Outbox(dedup_key=dedup_key, kind=kind, payload=dict(payload), due_at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_outbox (dedup_key, kind, payload, due_at, attempts, last_error)"
            " VALUES (%s, %s, %s, %s, 0, '') ON CONFLICT (dedup_key) DO NOTHING",
            [row.dedup_key, row.kind, json.dumps(row.payload), row.due_at],
        )
        is_new = bool(cursor.rowcount)
    if is_new:
        transaction.on_commit(_wake, robust=True)
    return is_new


def _wake() -> None:
    """Ask a worker to look now; without a broker the beat looks within a minute anyway."""
    current_app.send_task("portal.core.tasks.drain_outbox", retry=False, ignore_result=True)


def notify(
    people: Iterable[User],
    kind: str,
    noun: Any,
    *,
    at: dt.datetime,
    once: str,
    **params: object,
) -> int:
    """Owe an in-app message of `kind` about `noun` to each person; returns how many are new.

    `once` names the occasion ("2026-11-23", a round, a number): the same person gets the same
    kind about the same noun once per occasion, however often this is called.
    """
    new = 0
    for person in people:
        key = f"{kind}:{noun.pk}:{once}:{person.pk}"
        payload = {
            "to": str(person.pk),
            "kind": kind,
            "noun": [noun._meta.label_lower, str(noun.pk)],
            "params": {name: str(value) for name, value in params.items()},
            "key": key,
        }
        new += post("notify", payload, dedup_key=key, at=at)
    return new


def drain(at: dt.datetime, limit: int = 500) -> int:
    """Deliver what is due at `at`, one row a transaction; returns the number delivered."""
    delivered = 0
    for _ in range(limit):
        row = _claim(at)
        if row is None:
            break
        delivered += _deliver(row, at)
    return delivered


def _claim(at: dt.datetime) -> Outbox | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": at + LEASE, "at": at})
        found = cursor.fetchone()
    return Outbox.objects.get(pk=found[0]) if found else None


def _deliver(row: Outbox, at: dt.datetime) -> bool:
    """The effect and the mark in one transaction; a failure waits longer each time."""
    try:
        with transaction.atomic():
            mine = Outbox.objects.select_for_update().get(pk=row.pk)
            if mine.done_at or mine.attempts != row.attempts:
                return False
            _handlers[mine.kind](mine.payload, at)
            mine.done_at = at
            mine.last_error = ""
            mine.save(update_fields=["done_at", "last_error"])
    except Exception as fault:
        logger.exception("outbox row %s of kind %s was not delivered", row.pk, row.kind)
        wait = min(BACKOFF * 2 ** min(row.attempts, 10), BACKOFF_LIMIT)
        Outbox.objects.filter(pk=row.pk, done_at=None).update(
            claimed_until=at + wait, last_error=type(fault).__name__
        )
        return False
    return True


def standing_still(at: dt.datetime, longer_than: dt.timedelta) -> int:
    """How many rows should have been delivered that long ago: the alarm of a dead worker."""
    return Outbox.objects.filter(done_at=None, due_at__lt=at - longer_than).count()


@handles("notify")
def deliver_notification(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """Put the message into the person's inbox, worded for this person on the day it arrives."""
    label, pk = payload["noun"]
    noun = apps.get_model(label)._base_manager.get(pk=pk)
    person = User.objects.get(pk=payload["to"])
    with translation.override(settings.LANGUAGE_CODE):
        text = _wordings[payload["kind"]](noun, payload["params"], person)
    Notification.objects.get_or_create(
        dedup_key=payload["key"],
        defaults={
            "to": person,
            "kind": payload["kind"],
            "title": text.title,
            "body": text.body,
            "url": text.url,
            "noun": noun,
            "at": at,
        },
    )
