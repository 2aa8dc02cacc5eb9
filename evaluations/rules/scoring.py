"""What an evaluator may give to an item, and what a sheet still lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .terms import Terms
from .values import Item, halves

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an item: missing, step, range, reason, met, zero."""

    code: str
    item: str
    params: Mapping[str, Any] = field(default_factory=dict)


def score_problems(
    item: Item, points: Decimal | None, *, met: bool | None, reason: str, terms: Terms
) -> list[Problem]:
    """Everything that keeps this score from being submitted."""
    if points is None:
        return [Problem("missing", item.code)]
    try:
        given = halves(points)
    except ValueError:
        return [Problem("step", item.code)]
    if not 0 <= given <= item.most:
        return [Problem("range", item.code, {"most": Decimal(item.most) / 2})]
    found = []
    if item.is_veto and met is None:
        found.append(Problem("met", item.code))
    if item.is_veto and met is False and given:
        found.append(Problem("zero", item.code))
    if not reason.strip() and needs_reason(item, given, terms):
        found.append(Problem("reason", item.code, {"percent": terms.low_percent}))
    return found


def needs_reason(item: Item, given: int, terms: Terms) -> bool:
    """A low score and every basic item carry their reason."""
    return item.is_veto or given * PERCENT < item.most * terms.low_percent


def sheet_problems(
    items: Iterable[Item],
    given: Mapping[str, tuple[Decimal | None, bool | None, str]],
    terms: Terms,
    *,
    skipped: Collection[str] = (),
    asked: Collection[str] = (),
) -> list[Problem]:
    """What a sheet lacks; `given` is (points, met, reason) by code.

    Items that do not apply are left out; while the leader has not answered, the sheet waits.
    """
    found = [Problem("asked", code) for code in asked]
    for item in items:
        if item.code in skipped or item.code in asked:
            continue
        points, met, reason = given.get(item.code, (None, None, ""))
        found += score_problems(item, points, met=met, reason=reason, terms=terms)
    return found
