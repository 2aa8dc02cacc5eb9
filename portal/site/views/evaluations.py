"""Results of evaluations for the public (P19), and the section of the facility page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.queries import explain, results
from evaluations.queries import public as queries
from facilities.models import Facility
from portal.core.pages import Request, public
from portal.core.paging import page_of

from .notices import crumbs_of, kind_tabs

EVALUATIONS = "evaluation_result"
ROUND_PAGE = 30


@public()
def evaluations(request: Request) -> HttpResponse:
    """The rounds whose results are announced or published."""
    context = {
        "tabs": kind_tabs(request, EVALUATIONS),
        "page": page_of(request, queries.rounds(request.today), ROUND_PAGE),
        "crumbs": crumbs_of(_disclosure(), (_("质量评估"), "")),
    }
    return render(request, "public/evaluations.html", context)


def _disclosure() -> tuple[str, str]:
    return (_("信息公示"), reverse("public:disclosure"))


@public()
def evaluation_round(request: Request, number: str) -> HttpResponse:
    """One round: every facility with its grade and dimensions, set, seed and statistics."""
    found = queries.round_shown(number, request.today)
    if found is None:
        raise Http404
    way = (_("质量评估"), reverse("public:evaluations"))
    crumbs = crumbs_of(_disclosure(), way, (found[0].title, ""))
    context = {**_of_round(*found, request.today), "crumbs": crumbs}
    return render(request, "public/evaluation_round.html", context)


def _of_round(round_: Any, text: Any, day: dt.date) -> dict[str, Any]:
    """A round with the results the publication shows; the medians are those of what is shown."""
    rows = queries.rows_of(round_, text, day)
    names, medians = results.names_of(round_), results.medians([row.result for row in rows])
    return {
        "round": round_,
        "publication": text,
        "rows": [
            (row, results.bars_of(row.result, names, medians), explain.caps(row.result, names))
            for row in rows
        ],
        "grades": queries.grades_among(rows),
        "median": results.median_of([row.total for row in rows]),
        "seed": next((row.decision.seed for row in rows if row.decision), ""),
    }


def grades_of(facility: Facility, day: dt.date) -> dict[str, Any]:
    """The section of the facility page: the newest result with its bars, and those before."""
    history = queries.history_of(facility, day)
    if not history:
        return {"newest": None, "history": []}
    newest = history[0]
    beside = queries.beside(newest.evaluation.round, day)
    bars = results.bars_of(newest.result, beside.names, beside.medians)
    return {
        "newest": newest,
        "bars": bars,
        "caps": explain.caps(newest.result, beside.names),
        "median": beside.total,
        "history": history[1:],
    }
