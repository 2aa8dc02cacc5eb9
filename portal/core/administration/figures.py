"""How the figures of the law read on a page: their units, and what the items of a table are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core.regulation.loader import Entry
from portal.core.regulation.types import Plain

UNITS: Mapping[str, Any] = {
    "bits": _("比特"),
    "cases": _("件"),
    "characters": _("字"),
    "children": _("人"),
    "classes": _("个班"),
    "days": _("天"),
    "drills": _("次"),
    "files": _("个"),
    "floor": _("层"),
    "hour": _("点"),
    "hours": _("小时"),
    "minutes": _("分钟"),
    "months": _("个月"),
    "percent": "%",
    "persons": _("人"),
    "points": _("分"),
    "rows": _("行"),
    "seconds": _("秒"),
    "square_metres": _("平方米"),
    "times": _("次"),
    "tries": _("次"),
    "weeks": _("周"),
    "working_days": _("个工作日"),
    "years": _("年"),
    "yuan_a_month": _("元/月"),
}
_names: dict[str, dict[str, Any]] = {}


def named(figure: str, words: Iterable[tuple[str, Any]]) -> None:
    """What an app calls the items of its tables; `figure` is a pack or the key of one figure."""
    _names.setdefault(figure, {}).update(words)


def name_of(key: str, item: str) -> Any:
    """The item in words, the figure's own before those of its pack; else its code."""
    pack = key.partition(".")[0]
    return _names.get(key, {}).get(item) or _names.get(pack, {}).get(item) or item


def unit_of(unit: str) -> Any:
    """The word after a number; empty for tables, lists and what counts itself."""
    return UNITS.get(unit, "")


def numbers(entry: Entry) -> dict[str, int] | None:
    """The newest numbers of a figure by item ("" for a single one); None where it is no number."""
    value = entry.values[-1].value
    found = dict(value) if isinstance(value, Mapping) else {"": value}
    return found if found and all(type(one) is int for one in found.values()) else None  # type: ignore[return-value]


def shown(key: str, unit: str, value: Plain) -> list[str]:
    """The value in lines as a reader understands it: names, numbers with their unit."""
    if isinstance(value, Mapping):
        return [f"{name_of(key, item)}：{_one(unit, part)}" for item, part in value.items()]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ["、".join(str(name_of(key, part)) for part in value)]
    return [_one(unit, value)]


def _one(unit: str, value: Plain) -> str:
    if type(value) is int:
        word = str(unit_of(unit))
        return f"{value}{word}" if word in {"", "%"} else f"{value} {word}"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
