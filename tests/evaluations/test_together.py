"""Two at once: evaluators who save together lose nothing; the matrix costs the same for many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluations import actions
from evaluations.actions.result import store_results
from evaluations.models import Evaluation, Score, ScoreSheet
from evaluations.queries import scores
from inspections.models import Inspection
from portal.core.models import User
from tests.inspections import makers as visiting

from . import makers as own

AT = own.AT


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("prod:I3")
def test_evaluators_who_save_at_once_lose_nothing() -> None:
    stage = own.scoring()
    codes = sorted(own.marks())
    gate = Barrier(len(stage.seats))
    sheets = [(stage.sheet(seat), own.actor(stage.user(seat))) for seat in stage.seats]

    def save(work: Any) -> int:
        sheet, by = work
        try:
            gate.wait()
            for n, code in enumerate(codes):
                values: Any = {code: {"points": Decimal(n), "reason": "x"}}
                actions.save_scores(sheet, values, by=by, at=AT)
        finally:
            connection.close()
        return len(codes)

    with ThreadPoolExecutor(len(sheets)) as pool:
        assert list(pool.map(save, sheets)) == [len(codes)] * len(sheets)
    assert Score.objects.count() == len(codes) * len(sheets)
    for n, code in enumerate(codes):
        given = Score.objects.filter(indicator__code=code)
        assert set(given.values_list("points", flat=True)) == {Decimal(n)}
    assert set(ScoreSheet.objects.values_list("version", flat=True)) == {len(codes)}


def _queries(act: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


@pytest.mark.django_db
def test_matrix_and_results_cost_the_same_for_one_facility_and_for_six() -> None:
    one, six = (_costs(number) for number in (1, 6))
    assert one == six
    assert six[0] <= 3
    assert six[1] <= 9


def _costs(number: int) -> tuple[int, int, int]:
    """The questions the matrix, the storing and the reading of results take."""
    stage = own.opened(number)
    seen = list(scores.evaluations_of(stage.round, stage.clerk))
    assert len(scores.matrix(stage.seats, seen)) == number
    found = (
        _queries(lambda: scores.matrix(stage.seats, seen)),
        _queries(lambda: store_results(stage.round, AT)),
        _queries(lambda: scores.outcomes(stage.round, [e.pk for e in seen])),
    )
    assert Evaluation.objects.filter(round=stage.round, total__isnull=False).count() == number
    return found


@pytest.mark.django_db
@pytest.mark.proves("diff:16")
def test_who_inspected_the_facility_lately_stays_away() -> None:
    stage = own.setup(4, pool=5)
    member = stage.pool[0]
    member.user.role_assignments.create(role="inspector", valid_from=AT.date() - own.DAY)
    person = User.objects.get(pk=member.user_id)
    for place, days in zip(stage.facilities, (30, 500), strict=False):
        visit = visiting.assigned(person, place=place)
        Inspection.objects.filter(pk=visit.pk).update(
            state="completed", access="granted", result="no_issue",
            completed_on=AT.date() - days * own.DAY,
        )  # fmt: skip
    visiting.assigned(person, place=stage.facilities[2])
    actions.draw_panel(stage.round, by=own.actor(stage.clerk), at=AT)
    found = [(r.evaluator_id, r.evaluation.facility_id, r.ground)
             for r in scores.recusals_of(stage.round)]  # fmt: skip
    assert found == [(member.pk, stage.facilities[0].pk, "inspected")]
