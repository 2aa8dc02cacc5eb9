"""What waits for an operator on his home page, told by the apps above the register."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

Source = Callable[[Any, dt.date], list[dict[str, Any]]]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Let an app say what waits for a person: rows of text, url, facility, due_on (or None)."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def of(user: Any, day: dt.date) -> list[dict[str, Any]]:
    """Everything that waits, what has a day first."""
    rows = [row for source in _SOURCES for row in source(user, day)]
    return sorted(rows, key=lambda row: (row["due_on"] is None, row["due_on"] or day))
