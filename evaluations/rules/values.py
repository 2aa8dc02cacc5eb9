"""What a result is computed from and what it says; points are counted in halves, so exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

HALF = Decimal("0.5")
CENT = Decimal("0.01")


def halves(points: Decimal | int | str) -> int:
    """Points as a whole number of half points; ValueError between the steps."""
    doubled = Decimal(points) * 2
    if doubled != doubled.to_integral_value():
        raise ValueError(f"{points} is not a multiple of half a point")
    return int(doubled)


@lru_cache(maxsize=10_000)  # a large round prints the same few numbers over and over
def points(value: Fraction) -> Decimal:
    """A result as printed: two decimals, half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def printed(halves: Fraction) -> str:
    """A number of half points as the points it is, printed."""
    return _printed(*halves.as_integer_ratio())


@lru_cache(maxsize=10_000)  # plain numbers are found faster than fractions
def _printed(numerator: int, denominator: int) -> str:
    return str(points(Fraction(numerator, denominator * 2)))


@lru_cache(maxsize=10_000)
def mean(total: int, count: int) -> Fraction:
    """The exact mean of so many whole numbers."""
    return Fraction(total, count)


def total_of(values: Iterable[Fraction]) -> Fraction:
    """Their exact sum; those over the same number are added as whole numbers, which is faster."""
    parts: dict[int, int] = {}
    for each in values:
        parts[each.denominator] = parts.get(each.denominator, 0) + each.numerator
    return sum((Fraction(n, d) for d, n in parts.items()), Fraction(0))


@dataclass(frozen=True, slots=True)
class Item:
    """An indicator: its code, the dimension it belongs to, its most in half points."""

    code: str
    dimension: int
    most: int
    is_veto: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What one evaluator gave to one item; `met` is asked for basic items only.

    What stands in the place of all of them was agreed on by the panel, or came from the `review`
    of an objection.
    """

    halves: int
    met: bool | None = None
    review: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the explanation: what happened and with which figures."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An item's result in half points.

    `way`: mean, trimmed or skipped; or, where something stands in its place, why: agreed (the
    points lay far apart), disputed (whether a basic item is met), brought_up, reviewed.
    """

    code: str
    way: str
    halves: Fraction
    spread: int
    is_wide: bool
    failed: bool
    disagrees: bool = False  # about whether a basic item is met


@dataclass(frozen=True, slots=True)
class DimensionResult:
    """A dimension: what was reached of what applied, rescaled to the points of the dimension."""

    no: int
    points: Decimal
    most: Decimal
    percent: Decimal
    is_empty: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Total, grade, and how they came about."""

    total: Decimal
    grade: str
    grade_by_points: str
    dimensions: tuple[DimensionResult, ...]
    items: Mapping[str, ItemResult]
    failed: tuple[str, ...]
    wide: tuple[str, ...]
    lines: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """The result as it is frozen: texts and numbers only."""
        return {
            "total": str(self.total),
            "grade": self.grade,
            "grade_by_points": self.grade_by_points,
            "failed": list(self.failed),
            "dimensions": [
                {"no": d.no, "points": str(d.points), "most": str(d.most),
                 "percent": str(d.percent), "is_empty": d.is_empty}
                for d in self.dimensions
            ],
            "items": {
                code: {"points": printed(r.halves), "way": r.way, "failed": r.failed}
                for code, r in self.items.items()
            },
            "lines": [{"key": line.key, **line.facts} for line in self.lines],
        }  # fmt: skip
