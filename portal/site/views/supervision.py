"""What the public reads of supervision: results, and findings that are named (P18, P20)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections.models.finding import OVERDUE_NOTICE
from inspections.models.inspection import RESULT_NOTICE
from inspections.queries import public as queries
from portal.core.models import Publication
from portal.core.pages import Request, public
from portal.core.paging import page_of

from .notices import crumbs_of, kind_tabs

PAGE = 30
# What a row of the list takes from the notice, by the words of its table.
SHOWN = {
    RESULT_NOTICE: ("类别", "检查日期", "检查结果"),
    OVERDUE_NOTICE: ("问题", "整改期限", "目前情况"),
}


def _rows(notices: Any, kind: str) -> list[tuple[Publication, list[str]]]:
    """Each notice with the cells of its row."""
    found = []
    for notice in notices:
        facts = dict(notice.body[0]["rows"])
        found.append((notice, [facts.get(name, "") for name in SHOWN[kind]]))
    return found


@public()
def disclosure_inspections(request: Request) -> HttpResponse:
    """The results of visits that two persons have made public."""
    page = page_of(request, queries.result_notices(request.today), PAGE)
    context = {
        "tabs": kind_tabs(request, RESULT_NOTICE),
        "page": page,
        "rows": _rows(page, RESULT_NOTICE),
        "crumbs": crumbs_of((_("信息公示"), reverse("public:disclosure")), (_("检查结果"), "")),
    }
    return render(request, "public/disclosure_inspections.html", context)


@public()
def disclosure_rectifications(request: Request) -> HttpResponse:
    """Grave and late findings, until they are put right."""
    page = page_of(request, queries.overdue_notices(request.today), PAGE)
    context = {
        "tabs": kind_tabs(request, OVERDUE_NOTICE),
        "page": page,
        "rows": _rows(page, OVERDUE_NOTICE),
        "crumbs": crumbs_of((_("信息公示"), reverse("public:disclosure")), (_("整改公示"), "")),
    }
    return render(request, "public/disclosure_rectifications.html", context)
