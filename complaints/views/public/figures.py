"""The office measures itself in public: by quarter, small numbers kept back (R14, diff:17)."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints.queries import public as queries
from portal.core.pages import Request, public
from portal.core.queries import in_force

from .ground import crumbs

QUARTERS = 4


@public()
def statistics(request: Request) -> HttpResponse:
    """The last four quarters that are over, with the days in which a review may be asked for."""
    law = in_force(request.today)
    settled = request.today - dt.timedelta(days=law.integer("complaints.review_days"))
    quarters = queries.last_quarters(settled, QUARTERS)
    context = {
        "quarters": queries.quarter_figures(quarters, law),
        "least": law.integer("complaints.small_cell"),
        "crumbs": crumbs((_("办理情况"), "")),
    }
    return render(request, "complaints/public/statistics.html", context)
