"""What a round of 500 facilities and 5 evaluators costs, against one of 50.

    ./test benchmarks/evaluation.py -s            # 50 and 500 facilities
    BENCH_FACILITIES=2000 ./test benchmarks/evaluation.py -s

Run through pytest for the sake of its database. Every facility has five sheets of 88 scores. Prints
questions and seconds of the matrix page and of computing and storing all results, with the ratio of
the seconds. Goals: as many questions for the large round as for the small but for the batches in
which results are written, and the large computation within 5 s.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations import actions
from evaluations.actions.result import store_results
from evaluations.models import Evaluation, EvaluationRound, Score, ScoreSheet
from evaluations.queries import committee, indicators, scores
from facilities.models import Facility
from portal.core.models import User
from tests import makers
from tests.evaluations import makers as own

COUNT = int(os.environ.get("BENCH_FACILITIES", "500"))
SMALL = 50
EVALUATORS = 5
MOST_SECONDS = 5.0
BATCH = 500


def big_round(facilities: int, clerk: User) -> EvaluationRound:
    """A round whose sheets are all handed in, written directly."""
    longquan = makers.community()
    before = Facility.objects.count()
    places = Facility.objects.bulk_create(
        Facility(
            code=f"B-{before + n}", name=f"托育园{before + n}", uscc=f"B{before + n}",
            facility_type="independent", legal_form="for_profit", operating_model="private",
            community=longquan, address="示例", facts_on=own.AT.date(), public_phone="示例",
            registered_on=own.AT.date(), tenure="leased",
        )
        for n in range(facilities)
    )  # fmt: skip
    by = own.actor(clerk)
    made = actions.create_round("x", "regular", places, by=by, at=own.AT)
    actions.draw_panel(made, by=by, at=own.AT)
    _score(made)
    EvaluationRound.objects.filter(pk=made.pk).update(state="moderation")
    made.refresh_from_db()
    return made


def _score(made: EvaluationRound) -> None:
    sheets = list(ScoreSheet.objects.filter(evaluation__round=made).select_related("member"))
    items = indicators.tree_of(made.indicator_set_id).indicators
    for start in range(0, len(sheets), BATCH):
        Score.objects.bulk_create(
            Score(
                sheet=sheet,
                indicator=item,
                points=Decimal(int(item.max_points * 2) - (sheet.member.order + n) % 3) / 2,
                is_met=True if item.is_veto else None,
                reason="x",
            )
            for n, sheet in enumerate(sheets[start : start + BATCH])
            for item in items
        )
    ScoreSheet.objects.filter(evaluation__round=made).update(
        state="submitted", submitted_at=own.AT, signature="x"
    )


def require(*, holds: bool) -> None:
    """A goal that is missed ends the run."""
    if not holds:
        raise RuntimeError("a goal of the benchmark is missed")


def measured(act: Callable[[], object]) -> tuple[int, float]:
    """Questions and seconds of an act."""
    with CaptureQueriesContext(connection) as captured:
        began = time.perf_counter()
        act()
        passed = time.perf_counter() - began
    return len(captured), passed


@pytest.mark.django_db
def test_a_large_round() -> None:
    """Print both sizes; the large computation stays within its limit."""
    own.published_set(small=False)
    for n in range(7):
        own.evaluator(own.FIELDS[n])
    clerk = makers.clerk()
    found = {}
    for size in (SMALL, COUNT):
        made = big_round(size, clerk)
        seen = list(scores.evaluations_of(made, clerk))
        require(holds=committee.seats_of(made).count() == EVALUATORS)
        found[size] = (
            measured(lambda made=made, seen=seen: scores.matrix(committee.seats_of(made), seen)),  # type: ignore[misc]
            measured(lambda made=made: store_results(made, own.AT)),  # type: ignore[misc]
        )
        require(holds=Evaluation.objects.filter(round=made, total__gt=0).count() == size)
    for name, place in (("matrix", 0), ("results", 1)):
        (few, small), (many, large) = found[SMALL][place], found[COUNT][place]
        print(  # noqa: T201 - what a benchmark is for
            f"{name}: {few} and {many} questions, {small:.2f} s and {large:.2f} s, "
            f"ratio {large / small:.1f} for {COUNT / SMALL:.0f} times the facilities"
        )
    require(holds=found[SMALL][0][0] == found[COUNT][0][0])
    require(holds=found[COUNT][1][0] - found[SMALL][1][0] <= COUNT // BATCH)
    require(holds=found[COUNT][1][1] <= MOST_SECONDS)
