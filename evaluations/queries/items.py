"""A result item by item with the reasons, as the facility reads it, without anybody's name."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from evaluations.models import Evaluation, Moderation, Objection, Score, SkippedItem
from evaluations.workflow import ModerationStatus, ObjectionStatus, SheetStatus, SkipStatus

from . import indicators

# The ways of a result in which the panel spoke together.
TOGETHER = frozenset({"agreed", "disputed", "brought_up"})


def parts_of(evaluation: Evaluation, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By dimension the items with points and reasons; in six questions."""
    tree = indicators.tree_of(evaluation.round.indicator_set_id)
    found = result.get("items", {})
    said = _Reasons(evaluation)
    return [
        {
            "dimension": dimension,
            "rows": [
                {
                    "item": item,
                    "points": Decimal(found[item.code]["points"]),
                    "skipped": found[item.code]["way"] == "skipped",
                    "failed": found[item.code]["failed"],
                    "reasons": said.of(item.pk, item.code, found[item.code]["way"]),
                }
                for item in tree.of_dimension(dimension.no)
                if item.code in found
            ],
        }
        for dimension in tree.dimensions
    ]


class _Reasons:
    """Why the items of one evaluation got their points."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.agreed = dict(
            Moderation.objects.filter(evaluation=evaluation, state=ModerationStatus.AGREED)
            .order_by()
            .values_list("indicator", "reason")
        )
        self.skipped = dict(
            SkippedItem.objects.filter(evaluation=evaluation, state=SkipStatus.APPROVED)
            .order_by()
            .values_list("indicator", "reason")
        )
        self.reviewed: dict[str, str] = {}
        upheld = Objection.objects.filter(evaluation=evaluation, state=ObjectionStatus.UPHELD)
        for changed in upheld.order_by("filed_on").values_list("amendments", flat=True):
            self.reviewed |= {code: each["reason"] for code, each in changed.items()}
        # Sorted by their words: the order of the members would tell who said what.
        self.given: dict[uuid.UUID, set[str]] = defaultdict(set)
        rows = Score.objects.filter(
            sheet__evaluation=evaluation, sheet__state=SheetStatus.SUBMITTED
        ).exclude(reason="")
        for indicator, reason in rows.values_list("indicator", "reason"):
            self.given[indicator].add(reason.strip())

    def of(self, item: uuid.UUID, code: str, way: str) -> list[str]:
        """What was said last by those who settled the item, else what the members said."""
        if way == "skipped":
            return [self.skipped.get(item, "")]
        if way == "reviewed":
            return [self.reviewed.get(code, "")]
        if way in TOGETHER:
            return [self.agreed.get(item) or self.reviewed.get(code, "")]
        return sorted(self.given[item])
