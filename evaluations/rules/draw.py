"""The draw of a panel: who has the seed can repeat it with nothing but a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .terms import Terms

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the pool: a key that never changes, the field, how many facilities are barred."""

    key: str
    field: str
    barred: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """Who was drawn, in the order of the draw (the first leads), and who could not be."""

    chosen: tuple[str, ...]
    substitutes: tuple[str, ...]
    excluded: tuple[str, ...]


class CannotDraw(Exception):
    """The pool does not give a panel: `missing` names the fields without anybody, or `size`."""

    def __init__(self, missing: Collection[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)


def ticket(seed: str, key: str) -> str:
    """The lot of a candidate: SHA-256 of seed and key."""
    return hashlib.sha256(f"{seed}|{key}".encode()).hexdigest()


def draw(candidates: Sequence[Candidate], seed: str, facilities: int, terms: Terms) -> Draw:
    """An odd panel with the required fields; candidates in whatever order give the same.

    Who would have to stay away from more than the allowed share of the facilities is not drawn.
    Raises CannotDraw.
    """
    allowed = [c for c in candidates if _may(c, facilities, terms)]
    by_lot = sorted(allowed, key=lambda c: ticket(seed, c.key))
    chosen: list[Candidate] = []
    missing = []
    for field in terms.required_fields:
        first = next((c for c in by_lot if c.field == field and c not in chosen), None)
        if first is None:
            missing.append(field)
        else:
            chosen.append(first)
    rest = [c for c in by_lot if c not in chosen]
    free = terms.panel_size - len(chosen)
    if missing or len(rest) < free:
        raise CannotDraw(missing or ["size"])
    chosen += rest[:free]
    order = sorted(chosen, key=lambda c: ticket(seed, c.key))
    barred = sorted(c.key for c in candidates if c not in allowed)
    return Draw(tuple(c.key for c in order), tuple(c.key for c in rest[free:]), tuple(barred))


def _may(candidate: Candidate, facilities: int, terms: Terms) -> bool:
    return candidate.barred * PERCENT <= facilities * terms.most_recused_percent
