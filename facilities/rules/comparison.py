"""Two versions of the same answers, field by field and row by row: what a second review reads.

Answers are plain values as a snapshot holds them: texts, numbers, lists of texts (chosen forms,
files) and lists of rows (classes, papers, staff). Rows are the same row when they bear the same id
or name, wherever they stand in the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ROW_KEYS = ("id", "key", "material", "name")
"""What names a row, the first that every row of both versions has."""
Row = Mapping[str, Any]


class Kind(StrEnum):
    """What happened to a field or to a whole row."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `row` names the row ("" for a plain field), `part` the field inside it.

    A row that came or went is one change without `part`; `was` or `now` is the whole row.
    """

    field: str
    kind: Kind
    was: Any = None
    now: Any = None
    row: str = ""
    part: str = ""


def compare(then: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference between two versions of one section, in the order of the newer one.

    A field that is missing and one that is empty (None, "", no rows) are the same.
    """
    found: list[Change] = []
    for field in dict.fromkeys([*now, *then]):
        found += _field(field, then.get(field), now.get(field))
    return tuple(found)


def changed_sections(
    then: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> dict[str, tuple[Change, ...]]:
    """The differences of each section of a snapshot; a section without any is left out."""
    found = {
        key: compare(then.get(key) or {}, now.get(key) or {})
        for key in dict.fromkeys([*now, *then])
    }
    return {key: changes for key, changes in found.items() if changes}


def _field(field: str, was: Any, now: Any) -> Iterator[Change]:
    if same(was, now):
        return
    if _is_rows(was) and _is_rows(now):
        yield from _rows(field, was or (), now or ())
    else:
        yield Change(field, Kind.CHANGED, was, now)


def same(was: Any, now: Any) -> bool:
    """Whether two values say the same: nothing is nothing, a set of texts has no order."""
    if _is_nothing(was) or _is_nothing(now):
        return _is_nothing(was) and _is_nothing(now)
    if _is_texts(was) and _is_texts(now):
        return Counter(was) == Counter(now)
    return bool(was == now) and isinstance(was, bool) == isinstance(now, bool)


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple)) and not value)


def _is_rows(value: Any) -> bool:
    """Rows, or an empty list that may stand for them."""
    if value is None:
        return True
    return isinstance(value, (list, tuple)) and all(isinstance(row, Mapping) for row in value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


def _rows(field: str, was: Sequence[Row], now: Sequence[Row]) -> Iterator[Change]:
    named_by = next((key for key in ROW_KEYS if all(row.get(key) for row in (*was, *now))), "")
    old, new = _named(was, named_by), _named(now, named_by)
    for key, row in new.items():
        if key not in old:
            yield Change(field, Kind.ADDED, None, row, row=row_name(row, key[0]))
        else:
            yield from _row(field, key[0], old[key], row)
    for key, row in old.items():
        if key not in new:
            yield Change(field, Kind.REMOVED, row, None, row=row_name(row, key[0]))


def _named(rows: Sequence[Row], named_by: str) -> dict[tuple[str, int], Row]:
    """Rows by name; the second of one name is told from the first by its number."""
    seen: Counter[str] = Counter()
    found = {}
    for place, row in enumerate(rows, start=1):
        name = str(row[named_by]) if named_by else str(place)
        seen[name] += 1
        found[name, seen[name]] = row
    return found


def row_name(row: Row, key: str) -> str:
    """What people call a row: its name where it has one, else what it was matched by."""
    return str(row.get("name") or key)


def _row(field: str, key: str, was: Row, now: Row) -> Iterator[Change]:
    for part in dict.fromkeys([*now, *was]):
        if not same(was.get(part), now.get(part)):
            name = row_name(now, key)
            yield Change(field, Kind.CHANGED, was.get(part), now.get(part), name, part)


__all__ = ["ROW_KEYS", "Change", "Kind", "changed_sections", "compare", "row_name", "same"]
