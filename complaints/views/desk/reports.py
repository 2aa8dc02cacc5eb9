"""How the office did: on time, by category, result, satisfaction, reopened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.forms.desk import PeriodForm
from complaints.models import Category, Complaint, Result
from complaints.queries import reports
from portal.core.pages import Request, lists

from .acting import crumbs
from .lists import READERS


@lists(Complaint, roles=READERS)
def complaint_reports(request: Request) -> HttpResponse:
    """The figures of a time, of the cases within the person's reach."""
    form = PeriodForm(request.GET or None)
    first, last = _period(form, request.today)
    user = request.user
    context = {
        "form": form,
        "first": first,
        "last": last,
        "tiles": _tiles(reports.figures(user, first, last, request.today)),
        "categories": [_category(row) for row in reports.by_category(user, first, last)],
        "results": [(Result(r["result"]).label, r["n"])
                    for r in reports.by_result(user, first, last)],
        "crumbs": crumbs((_("办理情况"), "")),
    }  # fmt: skip
    return render(request, "complaints/desk/reports.html", context)


def _period(form: PeriodForm, today: dt.date) -> tuple[dt.date, dt.date]:
    """What was asked for where it makes sense, else the year so far."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    first = given.get("first") or today.replace(month=1, day=1)
    last = given.get("last") or today
    return (first, last) if first <= last else (last, first)


def share(part: int, whole: int) -> str:
    """A percentage, or a dash where there is nothing to divide by."""
    return f"{part * 100 // whole}%" if whole else "—"


def _tiles(f: dict[str, int]) -> list[dict[str, Any]]:
    late = f"{reverse('desk:complaints')}?due=overdue"
    return [
        {"label": _("收到"), "value": f["received"], "note": _("不予受理 %(n)s 件")
         % {"n": f["rejected"]}},
        {"label": _("在办"), "value": f["open"], "note": _("超期 %(n)s 件") % {"n": f["late"]},
         "url": late},
        {"label": _("已答复"), "value": f["answered"], "note": ""},
        {"label": _("按时办结"), "value": share(f["in_time"], f["answered"]),
         "note": _("%(part)s / %(whole)s 件") % {"part": f["in_time"], "whole": f["answered"]}},
        {"label": _("满意和基本满意"), "value": share(f["satisfied"], f["rated"]),
         "note": _("评价 %(n)s 件") % {"n": f["rated"]}},
        {"label": _("说已解决"), "value": share(f["solved"], f["rated"]), "note": ""},
        {"label": _("申请复核"), "value": f["reopened"], "note": ""},
    ]  # fmt: skip


def _category(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "label": Category(row["category"]).label,
        "share": share(row["in_time"], row["answered"]),
    }
