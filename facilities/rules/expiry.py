"""When somebody is told that a paper ends: steps before the day, and again after it.

A paper is good to the end of the day it names. Every step is a span of last days, so that all
papers of the register are asked for at once; the spans do not overlap, so that a calendar that
stood still for a while catches up with the nearest step only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from portal.core.regulation import Regulation

OVERDUE = "overdue"
# Who is told what: the item of the table `expiry.told`.
AUDIENCES = ("members", "clerk", "approver")


@dataclass(frozen=True, slots=True)
class Step:
    """Papers whose last day lies from `first` to `last`, both included, are at this step.

    `name` is one of the figures ("30", "7", "1") or overdue with its count ("overdue.0");
    `audience` the items of `expiry.told` that name it.
    """

    name: str
    first: dt.date
    last: dt.date
    audience: frozenset[str]

    @property
    def is_overdue(self) -> bool:
        """Whether the last day of these papers has passed."""
        return self.name.startswith(OVERDUE)


def steps_on(today: dt.date, regulation: Regulation) -> list[Step]:
    """The steps of the day `today`, the farthest first; every last day is in at most one."""
    told = regulation.table("expiry.told")
    days = sorted({int(text) for text in regulation.texts("expiry.remind_days")}, reverse=True)
    nearer = [*(n + 1 for n in days[1:]), 0]
    ahead = [
        _step(str(n), today, left, n, told) for n, left in zip(days, nearer, strict=True) if n >= 0
    ]
    every = regulation.integer("expiry.overdue_repeat_days")
    behind = [
        _step(f"{OVERDUE}.{k}", today, -every * (k + 1), -every * k - 1, told)
        for k in range(regulation.integer("expiry.overdue_times"))
    ]
    return ahead + behind


def _step(name: str, today: dt.date, first: int, last: int, told: Mapping[str, object]) -> Step:
    word = name.partition(".")[0]
    audience = frozenset(who for who in AUDIENCES if word in _words(told.get(who)))
    return Step(name, today + dt.timedelta(days=first), today + dt.timedelta(days=last), audience)


def _words(value: object) -> frozenset[str]:
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def days_left(valid_until: dt.date, today: dt.date) -> int:
    """Calendar days until the last day; 0 on it, negative once it has passed."""
    return (valid_until - today).days
