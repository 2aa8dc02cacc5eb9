"""What is asked of the indicator sets."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet

from evaluations.models import Dimension, Indicator, IndicatorSet
from evaluations.rules import Item, Leaf, TreeProblem, tree_problems
from evaluations.rules.values import halves


@dataclass(frozen=True)
class Tree:
    """A set as rules and pages read it: dimensions in order, each with its indicators.

    `items` and `points` are made once: a large round asks for them at every facility.
    """

    dimensions: tuple[Dimension, ...]
    indicators: tuple[Indicator, ...]

    @cached_property
    def items(self) -> list[Item]:
        """As the arithmetic reads them."""
        numbers = {each.pk: each.no for each in self.dimensions}
        return [
            Item(i.code, numbers[i.dimension_id], halves(i.max_points), is_veto=i.is_veto)
            for i in self.indicators
        ]

    @cached_property
    def points(self) -> dict[int, int]:
        """Half points by dimension."""
        return {each.no: halves(each.points) for each in self.dimensions}

    def of_dimension(self, no: int) -> list[Indicator]:
        """The indicators of one dimension, in order."""
        wanted = {each.pk for each in self.dimensions if each.no == no}
        return [each for each in self.indicators if each.dimension_id in wanted]

    def dimension(self, no: int) -> Dimension | None:
        """The dimension with this number."""
        return next((each for each in self.dimensions if each.no == no), None)

    def by_code(self) -> dict[str, Indicator]:
        """The indicators by code."""
        return {each.code: each for each in self.indicators}


def tree_of(set_id: uuid.UUID) -> Tree:
    """The tree of a set, in two questions."""
    dimensions = tuple(Dimension.objects.filter(set=set_id))
    return Tree(dimensions, tuple(Indicator.objects.filter(set=set_id)))


def leaves_of(tree: Tree) -> list[Leaf]:
    """The tree as plain leaves, to check and to compare."""
    numbers = {each.pk: each.no for each in tree.dimensions}
    return [
        Leaf(
            numbers[i.dimension_id], i.code, i.group, i.text, i.max_points, i.is_veto,
            tuple(i.methods), i.may_skip,
        )
        for i in tree.indicators
    ]  # fmt: skip


def problems_of(set_: IndicatorSet, full: int) -> Sequence[TreeProblem]:
    """What keeps the set from being published."""
    tree = tree_of(set_.pk)
    points: dict[int, Decimal] = {each.no: each.points for each in tree.dimensions}
    return tree_problems(points, leaves_of(tree), full)


def newest_published() -> IndicatorSet | None:
    """The set a new round uses."""
    return IndicatorSet.objects.published().first()


def earlier_versions(set_: IndicatorSet) -> QuerySet[IndicatorSet]:
    """The versions this one may be compared with, the newest first."""
    return IndicatorSet.objects.filter(version__lt=set_.version).order_by("-version")


def published() -> QuerySet[IndicatorSet]:
    """The sets a round may choose from."""
    return IndicatorSet.objects.published()


def dimension_names(set_: IndicatorSet) -> dict[int, tuple[str, Decimal]]:
    """Name and points of each dimension by number."""
    rows = Dimension.objects.filter(set=set_).values_list("no", "name", "points")
    return {no: (name, points) for no, name, points in rows}
