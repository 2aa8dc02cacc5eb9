"""The double-random draw: which facilities, and who goes there. The same input, the same result.

Nothing but SHA-256 over the seed decides, so a draw can be checked with pencil, paper and any
program. Facilities are drawn one after the other, each in proportion to its weight among those
that are left; people by the number of visits they have in this draw, then by the seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

METHOD = "sha256-weighted-1"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A facility that was drawn and the people who go; `short` tells that too few were free."""

    facility: str
    people: tuple[str, ...]
    short: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Who may be drawn: facilities with their weights, people, and the pairs that may not meet."""

    facilities: Mapping[str, int]
    people: Sequence[str]
    ties: Collection[tuple[str, str]] = field(default_factory=frozenset)  # (person, facility)


def number(seed: str, *parts: object) -> int:
    """The number the seed gives for a place in the draw."""
    text = ":".join([seed, *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def draw_facilities(seed: str, weights: Mapping[str, int], count: int) -> list[str]:
    """`count` different facilities (all of them if there are fewer), in the order drawn."""
    left = {code: weight for code, weight in sorted(weights.items()) if weight > 0}
    drawn: list[str] = []
    for place in range(min(count, len(left))):
        mark = number(seed, "facility", place) % sum(left.values())
        chosen = _at(left, mark)
        drawn.append(chosen)
        del left[chosen]
    return drawn


def _at(weights: Mapping[str, int], mark: int) -> str:
    """The key on whose stretch of the line the mark falls."""
    for key, weight in weights.items():
        mark -= weight
        if mark < 0:
            return key
    raise ValueError("the mark lies behind the line")


def draw(seed: str, pool: Pool, *, facilities: int, people: int) -> list[Drawn]:
    """The whole draw: each facility with `people` persons who have no tie to it."""
    load = dict.fromkeys(sorted(set(pool.people)), 0)
    ties = frozenset(pool.ties)
    result = []
    for code in draw_facilities(seed, pool.facilities, facilities):
        team = _team(seed, code, load, (p for p in load if (p, code) not in ties), people)
        for person in team:
            load[person] += 1
        result.append(Drawn(code, team, len(team) < people))
    return result


def _team(
    seed: str, facility: str, load: Mapping[str, int], free: Iterable[str], count: int
) -> tuple[str, ...]:
    """Those with the fewest visits so far; the seed decides between equals."""
    ranked = sorted(free, key=lambda p: (load[p], number(seed, "person", facility, p), p))
    return tuple(ranked[:count])


def draw_replacement(
    seed: str, facility: str, pool: Pool, *, without: Collection[str], turn: int
) -> str | None:
    """Who goes instead of a person who recused himself or fell ill; None when nobody is left."""
    free = [
        person for person in sorted(set(pool.people))
        if person not in without and (person, facility) not in frozenset(pool.ties)
    ]  # fmt: skip
    return min(free, key=lambda p: (number(seed, "instead", facility, turn, p), p), default=None)


def keeps_to_lot(drawn: Collection[str], team: Collection[str], wanted: int) -> bool:
    """Whether this team is the one that was drawn; others may join where the lot gave too few."""
    lot, people = set(drawn), set(team)
    return lot <= people and (len(lot) < wanted or lot == people)


def share(total: int, percent: int) -> int:
    """How many are a percentage of `total`: rounded up, at least one of any."""
    return min(total, max(1, -(-total * percent // 100))) if total else 0
