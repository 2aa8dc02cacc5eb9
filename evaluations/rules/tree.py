"""Whether a tree of indicators is sound, and what changed between two of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .values import halves

METHODS = ("observe", "documents", "interview", "questionnaire")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One indicator as it stands in a tree or a sheet."""

    dimension: int
    code: str
    group: str
    text: str
    points: Decimal
    is_veto: bool
    methods: tuple[str, ...]
    may_skip: bool = True


@dataclass(frozen=True, slots=True)
class TreeProblem:
    """What is wrong: total, sum, code_twice, step, method, empty; `where` is a code or a number."""

    code: str
    where: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """An item that is new, gone, or not the same; `fields` names what changed."""

    code: str
    kind: str
    fields: tuple[str, ...] = ()


def tree_problems(
    dimensions: Mapping[int, Decimal], leaves: Sequence[Leaf], full: int
) -> list[TreeProblem]:
    """Everything that keeps a tree from being published."""
    found = []
    total = sum(dimensions.values(), Decimal(0))
    if total != full:
        found.append(TreeProblem("total", "", {"total": total, "full": full}))
    sums = dict.fromkeys(dimensions, Decimal(0))
    for leaf in leaves:
        found += _leaf_problems(leaf)
        if leaf.dimension in sums:
            sums[leaf.dimension] += leaf.points
        else:
            found.append(TreeProblem("dimension", leaf.code))
    found += [
        TreeProblem("sum", str(no), {"sum": got, "points": dimensions[no]})
        for no, got in sums.items()
        if got != dimensions[no]
    ]
    counted = Counter(leaf.code for leaf in leaves)
    found += [TreeProblem("code_twice", code) for code, times in counted.items() if times > 1]
    return found


def _leaf_problems(leaf: Leaf) -> Iterable[TreeProblem]:
    if not leaf.code or not leaf.text:
        yield TreeProblem("empty", leaf.code)
    try:
        right = halves(leaf.points) > 0
    except ValueError:
        right = False
    if not right:
        yield TreeProblem("step", leaf.code)
    if not leaf.methods or not set(leaf.methods) <= set(METHODS):
        yield TreeProblem("method", leaf.code)


def compare(before: Sequence[Leaf], after: Sequence[Leaf]) -> list[Difference]:
    """What the later tree has that the earlier has not, in order of the later, the gone last."""
    old = {leaf.code: leaf for leaf in before}
    new = {leaf.code: leaf for leaf in after}
    found = []
    for code, leaf in new.items():
        if code not in old:
            found.append(Difference(code, "new"))
        elif changed := _changed(old[code], leaf):
            found.append(Difference(code, "changed", changed))
    return [*found, *(Difference(code, "gone") for code in old if code not in new)]


def _changed(one: Leaf, other: Leaf) -> tuple[str, ...]:
    names = ("dimension", "group", "text", "points", "is_veto", "methods", "may_skip")
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))
