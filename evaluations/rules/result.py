"""How points become a total and a total a grade; the order of the evaluators does not matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from .terms import Terms, lower
from .values import (
    DimensionResult,
    Given,
    Item,
    ItemResult,
    Line,
    Outcome,
    mean,
    points,
    printed,
    total_of,
)

PERCENT = 100
# Trimming takes the highest and the lowest away, so at least one must be left.
LEAST_TO_TRIM = 3
ORDINARY = frozenset({"mean", "trimmed"})
NOTHING = Fraction(0)


def spread_of(given: Collection[Given]) -> int:
    """The distance between the highest and the lowest, in half points."""
    values = [each.halves for each in given]
    return max(values) - min(values) if values else 0


def _average(values: Sequence[int], terms: Terms) -> tuple[str, Fraction]:
    """Of half points in their order."""
    if len(values) >= max(terms.trim_from, LEAST_TO_TRIM):
        kept = values[1:-1]
        return "trimmed", mean(sum(kept), len(kept))
    return "mean", mean(sum(values), len(values)) if values else NOTHING


def item_result(
    item: Item, given: Collection[Given], terms: Terms, agreed: Given | None = None
) -> ItemResult:
    """The result of one item: agreed by the panel, else the (trimmed) mean.

    A basic item fails when at least half of the evaluators say so; where they are not of one mind,
    or their points lie further apart than the terms allow, the panel must agree on it.
    """
    values = sorted([each.halves for each in given])
    way, value = _average(values, terms)
    spread = values[-1] - values[0] if values else 0
    is_wide = spread * PERCENT > item.most * terms.spread_percent
    verdicts = [each.met for each in given] if item.is_veto else []
    not_met = sum(met is False for met in verdicts)
    failed = not_met > 0 and not_met * 2 >= len(verdicts)
    disagrees = 0 < not_met < len(verdicts)
    if agreed is not None:
        way = _why_agreed(agreed, is_wide=is_wide, disagrees=disagrees)
        value = Fraction(agreed.halves)
        failed = item.is_veto and agreed.met is False
    return ItemResult(
        item.code, way, value, spread, is_wide or disagrees, failed, disagrees=disagrees
    )


def _why_agreed(agreed: Given, *, is_wide: bool, disagrees: bool) -> str:
    """What made somebody put these points in the place of the mean."""
    if agreed.review:
        return "reviewed"
    if is_wide:
        return "agreed"
    return "disputed" if disagrees else "brought_up"


def compute(
    items: Sequence[Item],
    dimensions: Mapping[int, int],
    given: Mapping[str, Collection[Given]],
    terms: Terms,
    *,
    skipped: Collection[str] = (),
    agreed: Mapping[str, Given] | None = None,
) -> Outcome:
    """Total and grade of one facility, explained line by line.

    `dimensions` has the points of each; items in `skipped` leave numerator and denominator, and
    what is left is rescaled to the full points.
    """
    agreed = agreed or {}
    results = {
        item.code: (
            ItemResult(item.code, "skipped", NOTHING, 0, is_wide=False, failed=False)
            if item.code in skipped
            else item_result(item, given.get(item.code, ()), terms, agreed.get(item.code))
        )
        for item in items
    }
    applying = [item for item in items if item.code not in skipped]
    parts: dict[int, list[Item]] = {no: [] for no in dimensions}
    for item in applying:
        parts[item.dimension].append(item)
    sums = {no: total_of(results[i.code].halves for i in part) for no, part in parts.items()}
    reached, most = sum(sums.values(), NOTHING), sum(item.most for item in applying)
    total = points(reached * terms.full / most) if most else Decimal(0)
    by_dimension = tuple(
        _dimension(no, whole, sum(item.most for item in parts[no]), sums[no])
        for no, whole in dimensions.items()
    )
    failed = tuple(item.code for item in applying if results[item.code].failed)
    by_points = terms.grade_by_points(total)
    grade, capping = grade_of(by_points, failed, by_dimension, terms)
    lines = (
        Line("items", {"count": len(applying), "skipped": len(items) - len(applying)}),
        *_item_lines(items, results),
        *(Line("dimension", _facts(d)) for d in by_dimension),
        Line("sum", {"reached": str(points(reached / 2)), "most": str(points(Fraction(most, 2)))}),
        Line("total", {"total": str(total), "full": terms.full}),
        Line("by_points", {"total": str(total), "grade": by_points}),
        *capping,
        Line("grade", {"grade": grade}),
    )
    wide = tuple(
        item.code for item in applying if results[item.code].is_wide and item.code not in agreed
    )
    return Outcome(total, grade, by_points, by_dimension, results, failed, wide, lines)


def grade_of(
    by_points: str, failed: Collection[str], dimensions: Iterable[DimensionResult], terms: Terms
) -> tuple[str, list[Line]]:
    """The grade after the caps, with a line for each cap that speaks."""
    grade, lines = by_points, []
    if failed:
        grade = lower(grade, terms.veto_grade)
        lines.append(Line("veto", {"codes": "、".join(failed), "grade": terms.veto_grade}))
    for each in dimensions:
        is_low = not each.is_empty and each.percent < terms.cap_percent
        if each.no in terms.cap_dimensions and is_low:
            grade = lower(grade, terms.cap_grade)
            lines.append(Line("dimension_cap", {**_facts(each), "least": terms.cap_percent,
                                                "grade": terms.cap_grade}))  # fmt: skip
    return grade, lines


def _dimension(no: int, whole: int, most: int, reached: Fraction) -> DimensionResult:
    """`whole` is in half points, like everything here but what is printed."""
    if not most:
        return DimensionResult(
            no, Decimal(0), points(Fraction(whole, 2)), Decimal(0), is_empty=True
        )
    share = reached / most
    return DimensionResult(
        no, points(share * whole / 2), points(Fraction(whole, 2)), points(share * PERCENT)
    )


def _facts(dimension: DimensionResult) -> dict[str, object]:
    return {
        "no": dimension.no,
        "points": str(dimension.points),
        "most": str(dimension.most),
        "percent": str(dimension.percent),
        "is_empty": dimension.is_empty,
    }


def _item_lines(items: Sequence[Item], results: Mapping[str, ItemResult]) -> list[Line]:
    """Only what is out of the ordinary: changed, not applicable, a basic item that is not met."""
    lines = []
    for item in items:
        result = results[item.code]
        if result.way not in ORDINARY or result.failed:
            facts = {"code": item.code, "points": printed(result.halves),
                     "most": str(points(Fraction(item.most, 2)))}  # fmt: skip
            lines.append(Line("failed" if result.failed else result.way, facts))
    return lines
