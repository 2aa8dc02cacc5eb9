"""What is wrong with a row of an uploaded list, and a row without fault; words are for forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one cell; the codes are those of the list's own rules."""

    column: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row without fault, as it is taken over; `row` is its number in Excel."""

    row: int
    values: Mapping[str, Any]


def by_column(
    faults: Sequence[Fault], titles: Mapping[str, str], sentence: Callable[[Fault, str], str]
) -> dict[str, str]:
    """The sentences of a row by column; two about one cell are joined."""
    found: dict[str, str] = {}
    for fault in faults:
        text = sentence(fault, titles.get(fault.column, ""))
        found[fault.column] = f"{found[fault.column]}；{text}" if fault.column in found else text
    return found
