"""Writing and checking the audit trail.

The lines are inserted by name of column: the application's login holds no right on `seq`,
`recorded_at` or the hashes, which the database sets itself (migration core/0002).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from .actors import Actor

request_id: ContextVar[UUID | None] = ContextVar("request_id", default=None)

_INSERT = """INSERT INTO audit_event
    (at, actor_id, actor_label, actor_role, act, object_type, object_id, detail, request_id)
    VALUES """
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be: names of fields and references, never a personal value."""

    act: str
    by: Actor
    at: dt.datetime
    object_type: str = ""
    object_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


def line(act: str, noun: Any, *, by: Actor, at: dt.datetime, **detail: Any) -> Line:
    """The line about an act on `noun` (None for an act on nothing stored)."""
    if noun is None:
        return Line(act, by, at, detail=detail)
    return Line(act, by, at, noun._meta.label, str(noun.pk), detail)


def write(lines: Sequence[Line]) -> None:
    """Insert the lines in their order; call it last in the transaction: it serialises the writers.

    One statement for all of them, since from the first line on every other writer waits.
    """
    if not lines:
        return
    values = [value for each in lines for value in _values(each)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(lines)), values)


def _values(each: Line) -> list[Any]:
    user = each.by.user
    return [
        each.at,
        user.pk if user else None,
        each.by.label,
        each.by.role,
        each.act,
        each.object_type,
        each.object_id,
        json.dumps(each.detail, default=str, ensure_ascii=False),
        request_id.get(),
    ]


def write_alone(entry: Line) -> None:
    """One line in a short transaction of its own: refusals, and the reading of protected data.

    Outside of a transaction the statement is one by itself: the head of the chain is then locked
    for no longer than the database needs, and not while a busy process comes round to its COMMIT.
    """
    if not connection.in_atomic_block:
        write([entry])
        return
    with transaction.atomic():
        write([entry])


def first_fault() -> tuple[int, str] | None:
    """The first broken row of the chain and why, or None when the whole trail holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, why FROM audit_verify()")
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def head() -> tuple[int, str]:
    """The number and hash of the newest line, to be kept outside (the day's fingerprint)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM audit_head")
        seq, digest = cursor.fetchone()
    return seq, digest
