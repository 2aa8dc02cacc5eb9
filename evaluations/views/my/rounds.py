"""The evaluations of a person's facilities."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations.models import Evaluation
from evaluations.queries import panel
from evaluations.workflow import PlanStatus, RoundStatus, SelfStatus
from portal.core.pages import Request, lists
from portal.core.paging import page_of
from portal.core.roles import Role


def crumbs(*further: tuple[Any, str]) -> list[tuple[Any, str]]:
    """我的机构 > 质量评估 and what lies under it."""
    return [
        (_("我的机构"), reverse("my:home")),
        (_("质量评估"), reverse("my:evaluations") if further else ""),
        *further,
    ]


@lists(Evaluation, roles=(Role.OPERATOR,))
def evaluations(request: Request) -> HttpResponse:
    """Every round of one's facilities, with the one thing to do next."""
    page = page_of(request, panel.evaluations_of_person(request.user))
    rows = [{"evaluation": each, "task": task_of(each, request.today)} for each in page]
    context = {"page": page, "rows": rows, "crumbs": crumbs()}
    return render(request, "evaluations/my/evaluations.html", context)


def task_of(evaluation: Evaluation, today: dt.date) -> dict[str, Any] | None:
    """What the facility may do now: label, url and, where there is one, the last day."""
    round_ = evaluation.round
    assessment = getattr(evaluation, "self_assessment", None)
    if assessment and assessment.state == SelfStatus.DRAFT and round_.state in TAKES_SELF:
        url = reverse("my:self_assessment", args=[assessment.pk])
        return {"label": _("填写自评"), "url": url, "due": round_.self_due}
    if round_.state == RoundStatus.FACT_CHECK and round_.facts_due and today <= round_.facts_due:
        url = reverse("my:evaluation_facts", args=[evaluation.pk])
        return {"label": _("核对事实"), "url": url, "due": round_.facts_due}
    if round_.state == RoundStatus.NOTICE and round_.notice_until and today <= round_.notice_until:
        url = reverse("my:evaluation", args=[evaluation.pk])
        return {"label": _("看公示中的结果"), "url": url, "due": round_.notice_until}
    plan = getattr(evaluation, "plan", None)
    if plan and plan.state in {PlanStatus.DUE, PlanStatus.RETURNED}:
        url = reverse("my:plan", args=[plan.pk])
        return {"label": _("提交改进计划"), "url": url, "due": plan.due_on}
    return None


TAKES_SELF = frozenset({RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING})
