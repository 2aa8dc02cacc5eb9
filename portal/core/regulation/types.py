"""Values of the regulation: a figure, the article behind it, and all figures of one day."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Plain: TypeAlias = "bool | int | str | Sequence[Plain] | Mapping[str, Plain]"


class Mark(StrEnum):
    """How sure the project is of a figure; no mark makes it fit to be printed (ruling R30)."""

    SEEN = "seen"  # read in a source
    KNOWN = "known"  # general knowledge, not read again
    UNSURE = "unsure"  # weak memory or inference
    PROPOSAL = "proposal"  # the office's own choice, without force of law


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a figure stands: title of the act, its number, the article, and how sure that is.

    `article` is empty where the act as a whole is meant; `number` is empty for house rules.
    """

    act: str
    number: str
    article: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of the regulation as in force since a day; lists and tables are not to be altered.

    `verified` is true once two persons have read the article in this portal.
    """

    key: str
    value: Plain
    unit: str
    citation: Citation
    since: dt.date
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Regulation:
    """All figures in force on the day `as_of`, by dotted key (`filing.answer_working_days`).

    `packs` names the packs it was built from with their versions; `version` is a short stable
    string for the same, fit to be stored beside a decision.
    """

    as_of: dt.date
    figures: Mapping[str, Figure]
    version: str = ""
    packs: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Figure:
        """The figure under `key`; KeyError names key and day where none is in force."""
        try:
            return self.figures[key]
        except KeyError:
            raise KeyError(f"no figure {key!r} in force on {self.as_of.isoformat()}") from None

    def __contains__(self, key: object) -> bool:
        """Whether a figure of that key is in force."""
        return key in self.figures

    def value(self, key: str, item: str = "") -> Plain:
        """A copy of the value under `key`, or of one `item` of a table; KeyError if absent."""
        value = self[key].value
        if not item:
            return copy.deepcopy(value)
        if not isinstance(value, Mapping) or item not in value:
            raise KeyError(f"figure {key!r} has no item {item!r} on {self.as_of.isoformat()}")
        return copy.deepcopy(value[item])

    def integer(self, key: str, item: str = "") -> int:
        """A whole number; TypeError if the pack holds something else under that key."""
        value = self.value(key, item)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_kind(key, item, "a whole number")
        return value

    def text(self, key: str, item: str = "") -> str:
        """A text (also a decimal number written as text); TypeError otherwise."""
        value = self.value(key, item)
        if not isinstance(value, str):
            raise _wrong_kind(key, item, "a text")
        return value

    def texts(self, key: str, item: str = "") -> tuple[str, ...]:
        """A list of texts; TypeError otherwise."""
        value = self.value(key, item)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise _wrong_kind(key, item, "a list of texts")
        return tuple(str(entry) for entry in value)

    def table(self, key: str, item: str = "") -> Mapping[str, Plain]:
        """A table; TypeError otherwise."""
        value = self.value(key, item)
        if not isinstance(value, Mapping):
            raise _wrong_kind(key, item, "a table")
        return value

    def by_prefix(self, prefix: str) -> tuple[Figure, ...]:
        """The figures whose key begins with `prefix` and a dot, in order of their keys."""
        start = f"{prefix}."
        return tuple(self.figures[key] for key in sorted(self.figures) if key.startswith(start))


def display_citation(figure: Figure) -> str:
    """The article as readers see it, or an empty text while it is not verified (ruling R30)."""
    if not figure.verified:
        return ""
    article = figure.citation.article
    if article[:1].isdigit():
        article = f"第{article}条"
    return f"《{figure.citation.act}》{article}"


def _wrong_kind(key: str, item: str, wanted: str) -> TypeError:
    name = f"{key}[{item}]" if item else key
    return TypeError(f"figure {name} is not {wanted}")
