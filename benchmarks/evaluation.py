"""What a round of 500 facilities and 5 evaluators costs, against one of 50.

    ./test benchmarks/evaluation.py -s            # 50 and 500 facilities
    BENCH_FACILITIES=2000 ./test benchmarks/evaluation.py -s

Run through pytest for the sake of its database. Every facility has five sheets of 88 scores. Prints
questions and seconds of the whole matrix, of the page that shows it, and of computing and storing
all results: seconds on the clock, and seconds this process had of the processor (the database works
in another), which a busy machine does not stretch. Goals: as many questions for the large round as
for the small but for the batches in which results are written, and the large computation within
5 s on the clock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

import pytest
import time_machine
from django.db import connection
from django.test import Client
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


@dataclass(frozen=True, slots=True)
class Cost:
    """What an act took."""

    questions: int
    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.questions} questions, {self.clock:.2f} s (processor {self.processor:.2f} s)"


def measured(act: Callable[[], object]) -> Cost:
    """The cost of an act."""
    with CaptureQueriesContext(connection) as captured:
        clock, processor = time.perf_counter(), time.process_time()
        act()
        spent = time.perf_counter() - clock, time.process_time() - processor
    return Cost(len(captured), *spent)


def costs_of(made: EvaluationRound, clerk: User, client: Client) -> dict[str, Cost]:
    """What a round costs: the matrix of all its facilities, the page, the results."""
    seen = list(scores.evaluations_of(made, clerk))
    url = made.url_for(clerk)
    client.get(url)  # what the first page of a process costs is not the round's
    return {
        "matrix": measured(lambda: scores.matrix(committee.seats_of(made), seen)),
        "page": measured(lambda: require(holds=client.get(url).status_code == HTTPStatus.OK)),
        "results": measured(lambda: store_results(made, own.AT)),
    }


@pytest.mark.django_db
def test_a_large_round() -> None:
    """Print both sizes; the large computation stays within its limit."""
    own.published_set(small=False)
    for n in range(7):
        own.evaluator(own.FIELDS[n])
    clerk = makers.clerk()
    client = Client()
    client.force_login(clerk)
    found = {}
    for size in (SMALL, COUNT):
        made = big_round(size, clerk)
        require(holds=committee.seats_of(made).count() == EVALUATORS)
        with time_machine.travel(own.AT):
            found[size] = costs_of(made, clerk, client)
        require(holds=Evaluation.objects.filter(round=made, total__gt=0).count() == size)
    small, large = found[SMALL], found[COUNT]
    for name in small:
        print(f"{name}: {SMALL} facilities {small[name]}; {COUNT} facilities {large[name]}")  # noqa: T201 - what a benchmark is for
    for name in ("matrix", "page"):
        require(holds=small[name].questions == large[name].questions)
    batches = large["results"].questions - small["results"].questions
    require(holds=batches <= COUNT // BATCH)
    require(holds=large["results"].clock <= MOST_SECONDS)
