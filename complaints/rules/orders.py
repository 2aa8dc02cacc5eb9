"""A list of work orders of 12345: what is wrong with its rows, and which were entered before.

Values come as read from a sheet: text by column name, None where the cell is empty. A fault never
repeats what stands in the cell: the words of a complaint are for its handlers alone.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facilities.rules.national import community_key
from portal.core.faults import Entry, Fault

Values = Mapping[str, Any]
REQUIRED = ("order", "category", "happened")
# As long as the boxes of the counter's form take.
LENGTHS = {"order": 40, "place": 200, "when": 100, "wish": 200, "name": 40, "phone": 20,
           "times": 60}  # fmt: skip
# Codes of faults: missing, twice, category, facility, community, due, past, short, long, too_long,
# digits_lost.
_DUE = re.compile(
    r"(\d{4})(?:[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))"
    r"(?:[ T]*\d{1,2}(?::\d{2}(?::\d{2})?|[时点].*))?"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows are held against; facilities and categories by the words that name them."""

    known: frozenset[str]
    facilities: Mapping[str, Any]
    communities: Mapping[str, str]
    categories: Mapping[str, str]
    least: int
    most: int
    today: dt.date


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows to be taken over, the faults of others by row, and the orders known already."""

    good: list[Entry] = field(default_factory=list)
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    known: list[tuple[int, str]] = field(default_factory=list)


def check_rows(rows: Sequence[tuple[int, Values, Mapping[str, str]]], ground: Ground) -> Checked:
    """Each row is good, at fault, or an order that was entered before and is passed over.

    A row is (number, values, problems of cells that could not be read).
    """
    found = Checked()
    orders = Counter(order_of(values) for _, values, _ in rows)
    first: dict[str, int] = {}
    for number, values, problems in rows:
        order = order_of(values)
        if order in ground.known:
            found.known.append((number, order))
            continue
        faults = [*_unreadable(problems), *_of_row(values, problems, ground)]
        if order and orders[order] > 1:
            faults.append(Fault("order", "twice", {"row": first.setdefault(order, number)}))
        if faults:
            found.faults[number] = faults
        else:
            found.good.append(Entry(number, _understood(values, ground)))
    return found


def order_of(values: Values) -> str:
    """The number of the work order as it is compared and kept."""
    return order_number(str(values.get("order") or ""))


def order_number(typed: str) -> str:
    """The number as it is kept, typed or imported: no spaces, no signs that nobody sees."""
    text = unicodedata.normalize("NFKC", typed)
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Cf")


def facility_key(typed: str) -> str:
    """A register number or credit code as people write it."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).upper()


def due_day(text: str) -> dt.date | None:
    """The day of "2026-12-03", "2026/12/3 17:30", "2026年12月3日" or "20261203"; None if none."""
    found = _DUE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _unreadable(problems: Mapping[str, str]) -> Iterator[Fault]:
    for column, code in problems.items():
        yield Fault(column, code)


def _of_row(values: Values, problems: Mapping[str, str], ground: Ground) -> Iterator[Fault]:
    for column in REQUIRED:
        if not values.get(column) and column not in problems:
            yield Fault(column, "missing")
    for column, limit in LENGTHS.items():
        given = order_of(values) if column == "order" else str(values.get(column) or "")
        if len(given) > limit:
            yield Fault(column, "too_long", {"limit": limit})
    yield from _named(values, ground)
    yield from _told(values, ground)
    yield from _due(values, ground.today)


def _named(values: Values, ground: Ground) -> Iterator[Fault]:
    if (word := values.get("category")) and str(word) not in ground.categories:
        yield Fault("category", "category")
    if (code := values.get("facility")) and facility_key(str(code)) not in ground.facilities:
        yield Fault("facility", "facility")
    if (name := values.get("community")) and community_key(str(name)) not in ground.communities:
        yield Fault("community", "community")


def _told(values: Values, ground: Ground) -> Iterator[Fault]:
    if text := str(values.get("happened") or ""):
        if len(text) < ground.least:
            yield Fault("happened", "short", {"n": ground.least})
        if len(text) > ground.most:
            yield Fault("happened", "long", {"n": ground.most})


def _due(values: Values, today: dt.date) -> Iterator[Fault]:
    if text := values.get("due"):
        day = due_day(str(text))
        if day is None:
            yield Fault("due", "due")
        elif day < today:
            yield Fault("due", "past")


def _understood(values: Values, ground: Ground) -> dict[str, Any]:
    """The row as the case is made from."""
    text = {name: str(values.get(name) or "") for name in (*LENGTHS, "happened", "due")}
    code, community = values.get("facility"), values.get("community")
    return {
        **text,
        "order": order_of(values),
        "category": ground.categories[str(values["category"])],
        "due": due_day(text["due"]),
        "facility": ground.facilities[facility_key(str(code))] if code else None,
        "community": ground.communities[community_key(str(community))] if community else "",
    }
