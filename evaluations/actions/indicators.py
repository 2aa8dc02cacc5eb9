"""Versions of the indicators: drafted, imported, published by two persons, retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from django.core.exceptions import PermissionDenied

from evaluations.models import Dimension, Indicator, IndicatorSet
from evaluations.queries import indicators as queries
from evaluations.rules import Leaf, TreeProblem
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action, apply, one_at_a_time, record

FULL = "evaluations.full_points"


class TreeUnsound(Exception):
    """The points do not add up, or an item is not complete; carries every problem."""

    def __init__(self, problems: Sequence[TreeProblem]) -> None:
        super().__init__(", ".join(f"{each.code} {each.where}" for each in problems))
        self.problems = tuple(problems)


def load_draft(at: dt.datetime | None = None) -> int:
    """The tree that came with the portal, once; two persons publish it like any other."""
    if IndicatorSet.objects.exists():
        return 0
    moment = at or clock.now()
    table = cast("dict[str, Any]", in_force(clock.day_of(moment)).table("indicators.draft"))
    made = IndicatorSet.objects.create(
        version=1, title="托育机构质量评估指标（草案）", standard=table["standard"],
        note=table["note"], is_draft_of_ours=True, created_at=moment,
    )  # fmt: skip
    dimensions = {d["no"]: (d["name"], Decimal(d["points"])) for d in table["dimensions"]}
    leaves = [
        Leaf(
            d["no"], i["code"], i["group"], i["text"], Decimal(i["points"]), i["veto"],
            tuple(i["methods"]), may_skip=not i["veto"],
        )
        for d in table["dimensions"] for i in d["items"]
    ]  # fmt: skip
    _plant(made, dimensions, leaves)
    return 1


@action
def start_set(
    words: Mapping[str, Any],
    dimensions: Mapping[int, tuple[str, Decimal]],
    leaves: Sequence[Leaf],
    *,
    by: Actor,
    at: dt.datetime,
) -> IndicatorSet:
    """A new version from a sheet or a copy; it may be unsound until it is proposed.

    `words`: `title`, `standard`, `note`, `is_draft_of_ours`.
    """
    if not by.somebody.has_role(Role.CLERK):
        raise PermissionDenied("indicators are drafted by clerks")
    one_at_a_time("indicator-set")
    newest = IndicatorSet.objects.order_by("-version").first()
    made = IndicatorSet.objects.create(
        version=newest.version + 1 if newest else 1, created_by=by.user, created_at=at, **words
    )
    _plant(made, dimensions, leaves)
    record(made, "indicatorset.start", by=by, at=at, version=made.version, items=len(leaves))
    return made


@action
def replace_tree(
    set_: IndicatorSet,
    dimensions: Mapping[int, tuple[str, Decimal]],
    leaves: Sequence[Leaf],
    *,
    by: Actor,
    at: dt.datetime,
) -> IndicatorSet:
    """Bring another tree into a draft."""
    made: IndicatorSet = apply(set_, "edit", by=by, at=at, items=len(leaves))
    made.indicators.all().delete()
    made.dimensions.all().delete()
    _plant(made, dimensions, leaves)
    return made


def _plant(
    made: IndicatorSet, dimensions: Mapping[int, tuple[str, Decimal]], leaves: Sequence[Leaf]
) -> None:
    rows = {
        no: Dimension(set=made, no=no, name=name, points=points)
        for no, (name, points) in dimensions.items()
    }
    Dimension.objects.bulk_create(rows.values())
    Indicator.objects.bulk_create(
        Indicator(
            set=made, dimension=rows[leaf.dimension], position=position, code=leaf.code,
            group=leaf.group, text=leaf.text, max_points=leaf.points, is_veto=leaf.is_veto,
            may_skip=leaf.may_skip, methods=list(leaf.methods),
        )
        for position, leaf in enumerate(leaves, start=1)
    )  # fmt: skip


@action
def propose_set(set_: IndicatorSet, *, by: Actor, at: dt.datetime) -> IndicatorSet:
    """Ask that it be published. Raises TreeUnsound while it does not add up."""
    day = clock.day_of(at)
    if problems := queries.problems_of(set_, in_force(day).integer(FULL)):
        raise TreeUnsound(problems)
    made: IndicatorSet = apply(
        set_, "propose", by=by, at=at, sets=lambda _: {"proposed_by": by.user, "reason": ""}
    )
    people = staff_with(Role.APPROVER, day).exclude(pk=by.somebody.pk)
    outbox.notify(people, "indicatorset.proposed", made, at=at, once=at.isoformat())
    return made


@action
def hand_back_set(set_: IndicatorSet, reason: str, *, by: Actor, at: dt.datetime) -> IndicatorSet:
    """The second person returns it."""
    made: IndicatorSet = apply(
        set_, "hand_back", by=by, at=at, reason=reason, sets=lambda _: {"reason": reason}
    )
    people = [person for person in [made.proposed_by] if person]
    outbox.notify(people, "indicatorset.handed_back", made, at=at, once=at.isoformat())
    return made


@action
def publish_set(set_: IndicatorSet, *, by: Actor, at: dt.datetime) -> IndicatorSet:
    """The second person publishes it; new rounds use it, older rounds keep theirs."""
    if problems := queries.problems_of(set_, in_force(clock.day_of(at)).integer(FULL)):
        raise TreeUnsound(problems)
    columns = {"decided_by": by.user, "decided_at": at, "reason": ""}
    made: IndicatorSet = apply(set_, "publish", by=by, at=at, sets=lambda _: columns)
    return made


@action
def retire_set(set_: IndicatorSet, reason: str, *, by: Actor, at: dt.datetime) -> IndicatorSet:
    """New rounds do not use it any more."""
    made: IndicatorSet = apply(
        set_, "retire", by=by, at=at, reason=reason, sets=lambda _: {"reason": reason}
    )
    return made
