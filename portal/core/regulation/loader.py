"""Reads packs, strictly, and builds the regulation of a day from them.

A pack is one YAML file under `<app>/packs/`, or the same content as JSON from the database:

    pack: filing
    title: ...
    entries:
      answer_working_days:
        title: ...
        unit: working_days
        values:
          - since: 2019-12-19
            value: 5
            cite: {act: ..., number: ..., article: "9", mark: seen}
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import yaml

from .types import Citation, Figure, Mark, Plain, Regulation

__all__ = [
    "DatedValue",
    "Entry",
    "PackData",
    "PackError",
    "build",
    "load_text",
    "parse_pack",
    "shipped_packs",
]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VERSION_CHARACTERS = 12
_LONGEST = 400_000


class PackError(ValueError):
    """A pack is not written as it must be; the message names file and entry, in English."""


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value with the first day of its force and the article it comes from."""

    since: dt.date
    value: Plain
    citation: Citation


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure through time: its values in ascending order of `since`."""

    title: str
    unit: str
    values: tuple[DatedValue, ...]


@dataclass(frozen=True, slots=True)
class PackData:
    """One version of one pack. Figures get the key `<pack>.<entry>`."""

    key: str
    title: str
    entries: Mapping[str, Entry]
    version: int = 1

    @property
    def content(self) -> dict[str, Any]:
        """The pack as JSON can hold it; `parse_pack(pack.content)` gives the same pack again."""
        entries = {name: _entry_content(entry) for name, entry in self.entries.items()}
        return {"pack": self.key, "title": self.title, "entries": entries}

    @property
    def digest(self) -> str:
        """SHA-256 of the content in a canonical form, 64 hex digits; the version is not in it."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def shipped_packs(roots: Iterable[Path]) -> list[PackData]:
    """The packs in `<root>/packs/*.yaml` of each app folder, ordered by key.

    Raises PackError for a file that is not a pack, is not named after it, or repeats a key.
    """
    found: dict[str, PackData] = {}
    for path in sorted(path for root in roots for path in (root / "packs").glob("*.yaml")):
        pack = parse_pack(_read(path), origin=path.name)
        if pack.key != path.stem:
            raise PackError(f"{path.name}: holds pack {pack.key!r}, the file must bear its name")
        if pack.key in found:
            raise PackError(f"{path.name}: pack {pack.key!r} is shipped twice")
        found[pack.key] = pack
    return [found[key] for key in sorted(found)]


def parse_pack(content: object, *, version: int = 1, origin: str = "pack") -> PackData:
    """One pack from plain data (YAML or JSON; days as dates or ISO texts).

    `origin` is the file name for messages. Raises PackError.
    """
    pack = _fields(content, {"pack", "title", "entries"}, origin)
    key = _name(pack["pack"], f"{origin}: pack")
    entries = pack["entries"]
    if not isinstance(entries, Mapping) or not entries:
        raise PackError(f"{origin}: entries must be a table with at least one entry")
    parsed = {
        _name(name, f"{origin}: entry name"): _parse_entry(entry, f"{origin}: {name}")
        for name, entry in entries.items()
    }
    return PackData(key, _text(pack["title"], f"{origin}: title"), parsed, version)


def build(
    day: dt.date,
    packs: Iterable[PackData],
    *,
    verified: Collection[tuple[str, dt.date]] = frozenset(),
) -> Regulation:
    """The regulation in force on `day`; a figure that is not yet in force is absent.

    `verified` holds (key, since) of the values two persons have checked. Raises PackError if two
    packs have the same key.
    """
    figures: dict[str, Figure] = {}
    used: dict[str, PackData] = {}
    for pack in packs:
        if pack.key in used:
            raise PackError(f"pack {pack.key!r} is given twice")
        used[pack.key] = pack
        for name, entry in pack.entries.items():
            key = f"{pack.key}.{name}"
            for dated in entry.values:  # ascending, so the last one in force stays
                if dated.since <= day:
                    checked = (key, dated.since) in verified
                    figures[key] = Figure(
                        key, dated.value, entry.unit, dated.citation, dated.since, checked
                    )
    versions = {key: used[key].version for key in sorted(used)}
    return Regulation(day, figures, _version_of(used), versions)


def _version_of(packs: Mapping[str, PackData]) -> str:
    parts = [f"{key}:{packs[key].version}:{packs[key].digest}" for key in sorted(packs)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_VERSION_CHARACTERS]


class _EachKeyOnce(yaml.constructor.SafeConstructor):
    """Refuses a key given twice, where YAML would silently keep the last."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # ruff: ignore[boolean-type-hint-positional-argument, boolean-default-value-positional-argument]
    ) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise PackError(f"key {twice[0]!r} is given twice in line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


class _StrictLoader(_EachKeyOnce, yaml.SafeLoader):
    """For texts of people: Python's own reader ends a nesting without end in an exception."""


class _ShippedLoader(_EachKeyOnce, yaml.CSafeLoader):
    """For the files that come with the portal: libyaml reads ten times faster."""


def load_text(text: str) -> object:
    """Plain data out of YAML, of a size and depth a pack may have. Raises PackError."""
    if len(text) > _LONGEST:
        raise PackError(f"longer than {_LONGEST} characters")
    try:
        _refuse_growth(text)
        return yaml.load(text, Loader=_StrictLoader)  # ruff: ignore[unsafe-yaml-load]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PackError(str(error)) from error


def _refuse_growth(text: str) -> None:
    """An alias of something that holds an alias multiplies; packs have none of these."""
    open_anchors: list[str | None] = []
    for event in yaml.parse(text):
        if isinstance(event, yaml.AliasEvent) and any(open_anchors):
            raise PackError("an alias inside an anchored part")
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()


def _read(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_ShippedLoader)  # ruff: ignore[unsafe-yaml-load]
    except (yaml.YAMLError, PackError) as error:
        raise PackError(f"{path.name}: {error}") from error


def _parse_entry(entry: object, where: str) -> Entry:
    fields = _fields(entry, {"title", "unit", "values"}, where)
    values = fields["values"]
    if not isinstance(values, list) or not values:
        raise PackError(f"{where}: values must be a list with at least one value")
    parsed = tuple(_parse_value(value, where) for value in values)
    for earlier, later in pairwise(parsed):
        if later.since <= earlier.since:
            raise PackError(f"{where}: {later.since} does not come after {earlier.since}")
    unit = _name(fields["unit"], f"{where}: unit")
    return Entry(_text(fields["title"], f"{where}: title"), unit, parsed)


def _parse_value(value: object, where: str) -> DatedValue:
    fields = _fields(value, {"since", "value", "cite"}, where)
    cite = _fields(fields["cite"], {"act", "number", "article", "mark"}, f"{where}: cite")
    if cite["mark"] not in [mark.value for mark in Mark]:
        raise PackError(f"{where}: mark {cite['mark']!r} is none of {', '.join(Mark)}")
    for name in ("number", "article"):
        if not isinstance(cite[name], str):
            raise PackError(f"{where}: cite {name} must be a text (it may be empty)")
    act = _text(cite["act"], f"{where}: act")
    citation = Citation(act, str(cite["number"]), str(cite["article"]), Mark(str(cite["mark"])))
    return DatedValue(_day(fields["since"], where), _plain(fields["value"], where), citation)


def _fields(data: object, names: set[str], where: str) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise PackError(f"{where}: must be a table of {', '.join(sorted(names))}")
    for missing in sorted(names - set(data)):
        raise PackError(f"{where}: {missing} is missing")
    for unknown in sorted(str(name) for name in set(data) - names):
        raise PackError(f"{where}: {unknown} is not known here")
    return cast("Mapping[str, object]", data)


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise PackError(f"{where}: {value!r} must be lower-case letters, digits and underscores")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PackError(f"{where}: must be a text and not empty")
    return value


def _day(value: object, where: str) -> dt.date:
    if type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise PackError(f"{where}: since {value!r} is not a day such as 2019-12-19") from None


def _plain(value: object, where: str) -> Plain:
    if isinstance(value, list):
        return [_plain(item, where) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise PackError(f"{where}: the names in a table must be texts")
        return {name: _plain(item, where) for name, item in value.items()}
    if not isinstance(value, bool | int | str):
        raise PackError(
            f"{where}: {value!r} is not plain data (write decimals and days as texts in quotes)"
        )
    return value


def _entry_content(entry: Entry) -> dict[str, Any]:
    values = [
        {
            "since": dated.since.isoformat(),
            "value": dated.value,
            "cite": {
                "act": dated.citation.act,
                "number": dated.citation.number,
                "article": dated.citation.article,
                "mark": dated.citation.mark.value,
            },
        }
        for dated in entry.values
    ]
    return {"title": entry.title, "unit": entry.unit, "values": values}
