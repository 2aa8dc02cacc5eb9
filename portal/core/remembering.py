"""What one request, round or act has read once and need not read again: the law, the calendar."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
_memo: ContextVar[dict[object, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remembered() -> Generator[None, None, None]:
    """Within it the regulation of a day and the calendar are read once, not at every question.

    Inside another one it is part of that: an act within a request knows what the request knows.
    """
    token = _memo.set({}) if _memo.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _memo.reset(token)


def once(key: object, read: Callable[[], T]) -> T:
    """What `read` answered at the first question, or now where nothing is remembered."""
    memo = _memo.get()
    if memo is None:
        return read()
    if key not in memo:
        memo[key] = read()
    return cast("T", memo[key])


def forget() -> None:
    """Read all anew from here on; whoever changes the law, a holiday or the office calls it."""
    memo = _memo.get()
    if memo is not None:
        memo.clear()
