"""A result item by item with the reasons, as the facility reads it, without anybody's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from evaluations.models import Evaluation, Moderation, Objection, Score, SkippedItem
from evaluations.workflow import ModerationStatus, ObjectionStatus, SheetStatus, SkipStatus

from . import indicators

# The ways of a result in which the panel spoke together.
TOGETHER = frozenset({"agreed", "disputed", "brought_up"})


def parts_of(evaluation: Evaluation, result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By dimension the items with points and reasons; in three questions."""
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
                    "reasons": said.of(item.code, found[item.code]["way"]),
                }
                for item in tree.of_dimension(dimension.no)
                if item.code in found
            ],
        }
        for dimension in tree.dimensions
    ]


class _Reasons:
    """Why the items of one evaluation got their points, by code; in one question."""

    def __init__(self, evaluation: Evaluation) -> None:
        its = {"evaluation": OuterRef("pk")}
        reason = JSONObject(code="indicator__code", reason="reason")
        agreed = Moderation.objects.filter(**its, state=ModerationStatus.AGREED)
        skipped = SkippedItem.objects.filter(**its, state=SkipStatus.APPROVED)
        upheld = Objection.objects.filter(**its, state=ObjectionStatus.UPHELD)
        scores = Score.objects.filter(
            sheet__evaluation=OuterRef("pk"), sheet__state=SheetStatus.SUBMITTED
        ).exclude(reason="")
        found = (
            Evaluation.objects.filter(pk=evaluation.pk)
            .order_by()
            .annotate(
                agreed=ArraySubquery(agreed.order_by().values(one=reason)),
                out=ArraySubquery(skipped.order_by().values(one=reason)),
                changes=ArraySubquery(upheld.order_by("filed_on", "id").values("amendments")),
                given=ArraySubquery(scores.order_by().values(one=reason)),
            )
            .values("agreed", "out", "changes", "given")
            .get()
        )
        self.agreed = {each["code"]: each["reason"] for each in found["agreed"]}
        self.skipped = {each["code"]: each["reason"] for each in found["out"]}
        self.reviewed = {
            code: each["reason"] for changed in found["changes"] for code, each in changed.items()
        }
        # A set, sorted by its words: the order of the members would tell who said what.
        self.given: dict[str, set[str]] = defaultdict(set)
        for each in found["given"]:
            self.given[each["code"]].add(each["reason"].strip())

    def of(self, code: str, way: str) -> list[str]:
        """What was said last by those who settled the item, else what the members said."""
        if way == "skipped":
            return [self.skipped.get(code, "")]
        if way == "reviewed":
            return [self.reviewed.get(code, "")]
        if way in TOGETHER:
            return [self.agreed.get(code) or self.reviewed.get(code, "")]
        return sorted(self.given[code])
