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
from django.db.models import QuerySet
from django.utils import translation

from . import clock, mail
from .calendar import SHANGHAI
from .models import Notification, Outbox, User, with_roles
from .queries import office
from .remembering import once
from .topics import Topic

LEASE = dt.timedelta(seconds=60)
BACKOFF = dt.timedelta(seconds=30)
BACKOFF_LIMIT = dt.timedelta(hours=1)
MAIL_TRIES = 8  # about two hours with the growing waits; then a person looks at it
Handler = Callable[[Mapping[str, Any], dt.datetime], None]
Wording = Callable[[Any, Mapping[str, str], User], "Words"]

logger = logging.getLogger(__name__)
_handlers: dict[str, Handler] = {}
_tries: dict[str, int] = {}
_wordings: dict[str, Wording] = {}
_topics: dict[str, Topic] = {}
_timeless: set[str] = set()


@dataclass(frozen=True, slots=True)
class Words:
    """What an in-app message says, and the page it leads to."""

    title: str
    body: str = ""
    url: str = ""


_CLAIM = """
UPDATE core_outbox SET claimed_until = %(until)s, attempts = attempts + 1
WHERE id = (SELECT id FROM core_outbox
            WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= %(at)s
              AND (claimed_until IS NULL OR claimed_until <= %(at)s)
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, attempts"""


def handles(kind: str, *, tries: int | None = None) -> Callable[[Handler], Handler]:
    """Register the deliverer of a kind of row; handlers live in the apps' `tasks` rooms.

    After so many `tries` a row is given up and waits for a person; without a number it is tried
    for ever, each hour at the latest.
    """

    def remember(handler: Handler) -> Handler:
        _handlers[kind] = handler
        if tries:
            _tries[kind] = tries
        return handler

    return remember


def words(
    kind: str, topic: Topic = Topic.TASK, *, is_timeless: bool = False
) -> Callable[[Wording], Wording]:
    """Register how a kind of message reads, (noun, params, person) -> Words, and its group.

    A timeless kind keeps the day alone: the minute would tell what must not be told (R10).
    """

    def remember(wording: Wording) -> Wording:
        _wordings[kind] = wording
        _topics[kind] = topic
        if is_timeless:
            _timeless.add(kind)
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


_NOTIFY_EACH = """
INSERT INTO core_outbox (dedup_key, kind, payload, due_at, attempts, last_error)
SELECT owed.key, 'notify', jsonb_build_object(
           'to', owed.person::text, 'kind', %s::text,
           'noun', jsonb_build_array(%s::text, owed.noun::text),
           'params', owed.params::jsonb, 'key', owed.key),
       %s, 0, ''
  FROM (SELECT concat_ws(':', %s::text, noun, once, person) AS key, noun, person, params
          FROM ({rows}) AS told (noun, person, once, params)) AS owed
    ON CONFLICT (dedup_key) DO NOTHING"""


def notify_each(kind: str, label: str, rows: QuerySet[Any, Any], *, at: dt.datetime) -> int:
    """As `notify`, for a whole set in one statement; `rows` are (noun, person, once, params).

    `label` is the model of the nouns ("facilities.certificate"). Returns how many are new.
    """
    inner, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_NOTIFY_EACH.format(rows=inner), [kind, label, at, kind, *values])
        new: int = cursor.rowcount
    if new:
        transaction.on_commit(_wake, robust=True)
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
    return Outbox(pk=found[0], kind=found[1], attempts=found[2]) if found else None


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
        _try_again(row, fault, at)
        return False
    return True


def _try_again(row: Outbox, fault: Exception, at: dt.datetime) -> None:
    """Wait longer after each failure; a kind with a last try is given up after it."""
    wait = min(BACKOFF * 2 ** min(row.attempts, 10), BACKOFF_LIMIT)
    last = _tries.get(row.kind)
    Outbox.objects.filter(pk=row.pk, done_at=None).update(
        claimed_until=at + wait,
        failed_at=at if last and row.attempts >= last else None,
        last_error=str(fault) if isinstance(fault, mail.NotSent) else type(fault).__name__,
    )


def standing_still(at: dt.datetime, longer_than: dt.timedelta) -> int:
    """How many rows should have been delivered that long ago: the alarm of a dead worker."""
    waiting = Outbox.objects.filter(done_at=None, failed_at=None)
    return waiting.filter(due_at__lt=at - longer_than).count()


@handles("notify")
def deliver_notification(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """Put the message into the person's inbox, worded for this person on the day it arrives."""
    label, pk = payload["noun"]
    noun = apps.get_model(label)._base_manager.get(pk=pk)
    person = once(("reader", payload["to"]), lambda: with_roles(payload["to"]))
    if person is None:
        raise User.DoesNotExist
    with translation.override(settings.LANGUAGE_CODE):
        text = _wordings[payload["kind"]](noun, payload["params"], person)
    message, is_new = Notification.objects.get_or_create(
        dedup_key=payload["key"],
        defaults={
            "to": person,
            "kind": payload["kind"],
            "title": text.title,
            "body": text.body,
            "url": text.url,
            "noun": noun,
            "at": _start_of_day(at) if payload["kind"] in _timeless else at,
        },
    )
    if is_new and mail.is_on() and person.wants_mail(_topics[payload["kind"]]):
        letter = {"to": str(person.pk), "message": str(message.pk)}
        post("email", letter, dedup_key=f"email:{payload['key']}", at=at)


def _start_of_day(at: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(clock.day_of(at), dt.time(), SHANGHAI)


@handles("email", tries=MAIL_TRIES)
def deliver_letter(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """Send the constant letter, unless the person has changed his mind or left meanwhile.

    At least once, at most one more per crash between the mail server and our mark (sec §4.4).
    """
    person = User.objects.filter(pk=payload["to"], is_active=True).exclude(mail_topics=[]).first()
    if person is not None and person.email:
        mail.send(person.email, payload["message"], office()["name"])
