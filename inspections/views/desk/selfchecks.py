"""What facilities handed in of their own monthly checks, as the office reads it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections.models import SelfCheck
from inspections.queries import field as field_queries
from inspections.queries import selfchecks as queries
from portal.core.pages import Request, lists, shows
from portal.core.paging import page_of

from . import parts
from .visits import READERS


@lists(SelfCheck, roles=READERS)
def self_checks(request: Request) -> HttpResponse:
    """The checks that were handed in, the newest month first."""
    page = page_of(request, queries.handed_in(request.user))
    context = {
        "title": _("安全自查"),
        "lead": _("机构每月自查后提交的结果。没有按月提交的会自动提醒，并计入风险分级。"),
        "head": [_("机构"), _("月份"), _("不符合"), _("提交时间")],
        "rows": [{"key": str(each.pk), "cells": _row(each)} for each in page],
        "page": page,
        "empty": (_("还没有提交的自查"), _("机构提交后会列在这里。")),
        "crumbs": _way((_("安全自查"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _row(check: Any) -> list[dict[str, Any]]:
    return [
        parts.link(check.facility.name, reverse("desk:self_check", args=[check.pk])),
        parts.text(f"{check.month:%Y-%m}") | {"label": _("月份")},
        parts.text(check.failed) | {"label": _("不符合")},
        parts.day(check.submitted_at) | {"label": _("提交时间")},
    ]


def _way(*steps: tuple[str, str]) -> parts.Way:
    return parts.crumbs((_("巡查检查"), reverse("desk:inspections")), *steps)


@shows(SelfCheck, roles=READERS)
def self_check(request: Request, check: SelfCheck) -> HttpResponse:
    """One month of a facility: every question with answer, value and photos."""
    sections = field_queries.check_lines(check)
    for line in (line for section in sections for line in section["lines"]):
        line["photos"] = [parts.photo(file) for file in line["photos"]]
    listed = (_("安全自查"), reverse("desk:self_checks"))
    context = {
        "check": check,
        "facility": check.facility,
        "sections": sections,
        "crumbs": _way(listed, (f"{check.month:%Y-%m}", "")),
    }
    return render(request, "desk/inspections/self_check.html", context)
