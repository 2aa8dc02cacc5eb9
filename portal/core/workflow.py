"""The one way anything in this portal changes state.

An `@action` is a named act: one transaction, its audit lines written last, all or nothing.
`apply` locks the noun's row, checks table, right, persons and reach, and moves the state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from . import audit, permissions
from .actors import Actor
from .remembering import remembered
from .statemachine import Transition, TransitionNotOpen

P = ParamSpec("P")
R = TypeVar("R")
Setter = Callable[[Any], Mapping[str, Any]]
_lines: ContextVar[list[audit.Line] | None] = ContextVar("audit_lines", default=None)

__all__ = [
    "FactMissing",
    "NotAllowed",
    "TransitionNotOpen",
    "action",
    "apply",
    "lock",
    "one_at_a_time",
    "record",
]


class NotAllowed(PermissionDenied):
    """The act was refused; carries the line that tells the auditor so."""

    def __init__(self, line: audit.Line) -> None:
        super().__init__(line.act)
        self.line = line


class FactMissing(ValueError):
    """A fact without which the transition means nothing (a reason, a list) was not given."""


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function an act: one transaction, audit lines last, refusals kept after rollback."""

    @wraps(function)
    def act(*args: P.args, **kwargs: P.kwargs) -> R:
        if _lines.get() is not None:
            return function(*args, **kwargs)
        lines: list[audit.Line] = []
        token = _lines.set(lines)
        try:
            with remembered(), transaction.atomic():
                result = function(*args, **kwargs)
                audit.write(lines)
        except NotAllowed as refusal:
            audit.write_alone(refusal.line)
            raise
        else:
            return result
        finally:
            _lines.reset(token)

    return act


def record(noun: Any, act: str, *, by: Actor, at: dt.datetime, **detail: Any) -> None:
    """Add an audit line to the act under way; a programming error outside an `@action`."""
    lines = _lines.get()
    if lines is None:
        raise RuntimeError(f"{act} is recorded outside an @action")
    lines.append(audit.line(act, noun, by=by, at=at, **detail))


def lock(noun: Any) -> Any:
    """The noun's row as it stands now, locked until the transaction ends."""
    return type(noun).objects.select_for_update(of=("self",)).get(pk=noun.pk)


def one_at_a_time(key: str) -> None:
    """Make acts about the same `key` wait for each other until the transaction ends.

    For what has no row to lock yet: the form sent twice that would make the same noun twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


@action
def apply(
    noun: Any,
    name: str,
    *,
    by: Actor,
    at: dt.datetime,
    sets: Setter | None = None,
    **facts: Any,
) -> Any:
    """Lock the row, make the transition, add the line; returns the fresh, moved noun.

    `sets` computes, from the locked noun and after the checks, the columns that change together
    with the state (a CheckConstraint pairs them). Raises TransitionNotOpen when the state has
    moved on, NotAllowed when right, persons or reach refuse, FactMissing when a needed fact is
    absent. `facts` go to the audit line: references and counts, never a personal value.
    """
    noun = lock(noun)
    row = noun.machine.check(noun.state, name)
    _refuse_unless_allowed(row, noun, by, at)
    if missing := [need for need in row.needs if not facts.get(need)]:
        raise FactMissing(f"{name} needs {', '.join(missing)}")
    source = noun.state
    columns = dict(sets(noun)) if sets else {}
    if row.target:
        columns[getattr(noun, "state_field", "state")] = row.target
    for column, value in columns.items():
        setattr(noun, column, value)
    if columns:
        noun.save(update_fields=list(columns))
    detail = {key: value for key, value in facts.items() if key not in row.needs}
    record(noun, noun.machine.right(name), by=by, at=at, source=source, target=noun.state, **detail)
    return noun


def _refuse_unless_allowed(row: Transition, noun: Any, by: Actor, at: dt.datetime) -> None:
    if by.kind == "code_holder":
        allowed = row.holder and by.holds == noun.pk
    elif by.user is None:
        allowed = by.kind == "calendar" and row.calendar
    else:
        allowed = permissions.holds_right(by.user, row.name, noun) and permissions.reaches(
            by.user, noun
        )
    if not allowed:
        act = f"{noun.machine.right(row.name)}.refused"
        raise NotAllowed(audit.line(act, noun, by=by, at=at, state=noun.state))
