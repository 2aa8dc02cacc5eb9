"""A list in the shape of the national register: faults of its rows, differences from our list.

Values come as read from a sheet: text, day or number by column name, None where the cell is empty.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.core.faults import Entry, Fault
from portal.core.identifiers import normalise_uscc, phone_problem, uscc_problem

from .duplicates import address_key, name_key

Values = Mapping[str, Any]
REQUIRED = ("name", "uscc", "community", "address")
DATES = ("established_on", "filed_on")
# What cannot be, whatever the law says: a slip of the finger, not a fault of the facility.
BOUNDS = {
    "building_area": (Decimal("0.01"), Decimal(100000)),
    "indoor_area": (Decimal("0.01"), Decimal(100000)),
    "outdoor_area": (Decimal(0), Decimal(100000)),
    "places": (Decimal(0), Decimal(2000)),
    "vacancies": (Decimal(0), Decimal(2000)),
    "monthly_fee": (Decimal(0), Decimal(100000)),
}
WHOLE = ("places", "vacancies")
LENGTHS = {"name": 100, "address": 200, "legal_representative": 40, "manager": 40,
           "registration_authority": 60, "number": 40}  # fmt: skip
FIRST_DAY = dt.date(1950, 1, 1)
_FLOORS = re.compile(r"(-?\d{1,2})(?:\s*[-—~至、,，]\s*(-?\d{1,2}))?\s*(?:层|楼)?")
_BETWEEN = re.compile(r"[、,，;；/\s]+")
# Codes of faults: missing, check_digit, twice, registered, community, date, number, choice, phone,
# too_long.


@dataclass(frozen=True, slots=True)
class Ground:
    """What the rows are held against: names by credit code, communities, words of the choices."""

    register: Mapping[str, str]
    communities: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    today: dt.date


def check_rows(
    rows: Sequence[tuple[int, Values, Mapping[str, str]]], ground: Ground
) -> tuple[list[Entry], dict[int, list[Fault]]]:
    """The rows that may be entered, and the faults of the others by row number.

    A row is (number, values, problems of cells that could not be read).
    """
    codes = Counter(code_of(values) for _, values, _ in rows)
    first: dict[str, int] = {}
    good, faults = [], {}
    for number, values, problems in rows:
        code = code_of(values)
        found = [*_unreadable(problems), *_of_row(values, problems, ground)]
        if code and codes[code] > 1:
            found.append(Fault("uscc", "twice", {"row": first.setdefault(code, number)}))
        if found:
            faults[number] = found
        else:
            good.append(Entry(number, _understood(values, ground)))
    return good, faults


def code_of(values: Values) -> str:
    """The credit code of a row as it is compared."""
    return normalise_uscc(str(values.get("uscc") or ""))


def community_key(name: str) -> str:
    """A community as people write it: with or without 社区, 村 and the street before it."""
    short = re.sub(r"^.*(寺坡街道办事处|寺坡街道)", "", name.strip())
    return re.sub(r"(社区居委会|社区|村委会|村)$", "", short) or name.strip()


def floors(text: str) -> tuple[int, int] | None:
    """The lowest and the highest floor of "1", "1-2层" or "-1至2"; None when it does not read."""
    found = _FLOORS.fullmatch(text.strip())
    if found is None:
        return None
    low = int(found[1])
    high = int(found[2]) if found[2] is not None else low
    return (low, high) if low <= high else None


def _unreadable(problems: Mapping[str, str]) -> Iterator[Fault]:
    for column, code in problems.items():
        if code in {"date", "number", "too_long"}:
            yield Fault(column, code)
        else:
            yield Fault(column, "check_digit" if column == "uscc" else "number")


def _of_row(values: Values, problems: Mapping[str, str], ground: Ground) -> Iterator[Fault]:
    for column in REQUIRED:
        if not values.get(column) and column not in problems:
            yield Fault(column, "missing")
    yield from _identity(values, ground)
    yield from _place(values, ground)
    yield from _choices(values, ground)
    yield from _dates(values, ground.today)
    yield from _numbers(values)


def _identity(values: Values, ground: Ground) -> Iterator[Fault]:
    code = code_of(values)
    if code and uscc_problem(code):
        yield Fault("uscc", "check_digit")
    elif code in ground.register:
        ours = ground.register[code]
        differs = name_key(ours) != name_key(str(values.get("name") or ""))
        yield Fault("uscc", "registered", {"name": ours, "differs": differs})
    phone = str(values.get("phone") or "")
    if phone and phone_problem(phone):
        yield Fault("phone", "phone")
    for column, limit in LENGTHS.items():
        if len(str(values.get(column) or "")) > limit:
            yield Fault(column, "too_long", {"limit": limit})


def _place(values: Values, ground: Ground) -> Iterator[Fault]:
    named = values.get("community")
    if named and community_key(str(named)) not in ground.communities:
        yield Fault("community", "community", {"value": str(named)[:30]})
    if (text := values.get("floors")) and floors(str(text)) is None:
        yield Fault("floors", "number")


def _choices(values: Values, ground: Ground) -> Iterator[Fault]:
    for column, words in ground.words.items():
        for word in _chosen(values, column):
            if word not in words:
                yield Fault(column, "choice", {"value": word[:30]})


def _dates(values: Values, today: dt.date) -> Iterator[Fault]:
    for column in DATES:
        day = values.get(column)
        if day and not FIRST_DAY <= day <= today:
            yield Fault(column, "date")


def _numbers(values: Values) -> Iterator[Fault]:
    for column, (low, high) in BOUNDS.items():
        value = values.get(column)
        if value is None:
            continue
        is_whole = column not in WHOLE or value == value.to_integral_value()
        if not (low <= value <= high and is_whole):
            yield Fault(column, "number")
    places, free = values.get("places"), values.get("vacancies")
    if places is not None and free is not None and 0 <= places < free:
        yield Fault("vacancies", "number")


def _chosen(values: Values, column: str) -> list[str]:
    text = str(values.get(column) or "")
    if column == "service_forms":
        return [word for word in _BETWEEN.split(text) if word]
    return [text] if text else []


def _understood(values: Values, ground: Ground) -> dict[str, Any]:
    """The values as columns of the register."""
    found = dict(values)
    for column, words in ground.words.items():
        chosen = [words[word] for word in _chosen(values, column)]
        found[column] = chosen if column == "service_forms" else next(iter(chosen), "")
    found["uscc"] = code_of(values)
    found["community"] = ground.communities[community_key(str(values["community"]))]
    low_high = floors(str(values["floors"])) if values.get("floors") else None
    found["floor_lowest"], found["floor_highest"] = low_high or (None, None)
    return found


# --- two lists ----------------------------------------------------------------------------------

COMPARED = ("name", "address", "legal_representative", "status", "number", "filed_on")
_KEYS = {"name": name_key, "address": address_key}


@dataclass(frozen=True, slots=True)
class Listed:
    """One facility in either list.

    `ref` is the row number or our code, `values` what is compared: days and words as text, empty
    where nothing stands.
    """

    ref: str
    name: str
    uscc: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same facility in both lists, and the fields that differ as (column, ours, theirs)."""

    ours: Listed
    theirs: Listed
    fields: tuple[tuple[str, str, str], ...]
    by: str


@dataclass(frozen=True, slots=True)
class ListComparison:
    """Three lists and the number of those that agree."""

    missing_here: tuple[Listed, ...]
    missing_there: tuple[Listed, ...]
    different: tuple[Pair, ...]
    same: int


def compare_lists(ours: Sequence[Listed], theirs: Sequence[Listed]) -> ListComparison:
    """Match by credit code, then what is left by name; each is matched at most once.

    A name matches only where it stands once on both sides, and where no two credit codes speak
    against it.
    """
    pairs = [*_matched(ours, theirs, lambda one: one.uscc, "uscc")]
    left_ours, left_theirs = _rest(ours, theirs, pairs)
    by_name = [*_matched(left_ours, left_theirs, lambda one: name_key(one.name), "name")]
    by_name = [pair for pair in by_name if not (pair.ours.uscc and pair.theirs.uscc)]
    pairs += by_name
    left_ours, left_theirs = _rest(ours, theirs, pairs)
    different = tuple(pair for pair in pairs if pair.fields)
    return ListComparison(
        missing_here=tuple(left_theirs),
        missing_there=tuple(left_ours),
        different=different,
        same=len(pairs) - len(different),
    )


def _matched(ours: Sequence[Listed], theirs: Sequence[Listed], key: Any, by: str) -> Iterator[Pair]:
    here, there = _once(ours, key), _once(theirs, key)
    for value, one in here.items():
        if other := there.get(value):
            yield Pair(one, other, tuple(_differences(one, other)), by)


def _once(found: Sequence[Listed], key: Any) -> dict[str, Listed]:
    """Those whose key stands once in their list."""
    count = Counter(key(one) for one in found)
    return {key(one): one for one in found if key(one) and count[key(one)] == 1}


def _rest(
    ours: Sequence[Listed], theirs: Sequence[Listed], pairs: Sequence[Pair]
) -> tuple[list[Listed], list[Listed]]:
    here = {pair.ours.ref for pair in pairs}
    there = {pair.theirs.ref for pair in pairs}
    return [o for o in ours if o.ref not in here], [t for t in theirs if t.ref not in there]


def _differences(ours: Listed, theirs: Listed) -> Iterator[tuple[str, str, str]]:
    """What their list says otherwise; a cell they leave empty says nothing."""
    for column in COMPARED:
        one, other = ours.values.get(column, ""), theirs.values.get(column, "")
        key = _KEYS.get(column, str)
        if other and key(one) != key(other):
            yield column, one, other


__all__ = [
    "Entry",
    "Fault",
    "Ground",
    "ListComparison",
    "Listed",
    "Pair",
    "check_rows",
    "code_of",
    "community_key",
    "compare_lists",
    "floors",
]
