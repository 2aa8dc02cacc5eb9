"""What lies on a person's desk: the apps say it, because the ground does not know their nouns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.core.models import User

Count = Callable[[User], tuple[int, str]]
_counted: list[tuple[Any, Count]] = []


@dataclass(frozen=True, slots=True)
class OpenWork:
    """So many nouns of one kind, and the list in which they are given to somebody else."""

    label: Any
    count: int
    url: str


def open_work(label: Any) -> Callable[[Count], Count]:
    """Register a kind of work: `(person) -> (how many, address of the list)`."""

    def remember(count: Count) -> Count:
        _counted.append((label, count))
        return count

    return remember


def of(person: User) -> list[OpenWork]:
    """Every kind of work that still lies with the person."""
    found = [OpenWork(label, *count(person)) for label, count in _counted]
    return [work for work in found if work.count]
