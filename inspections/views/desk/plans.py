"""Plans and draws at the desk (S12, S13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms import desk as forms
from inspections.models import InspectionPlan, RandomDraw
from inspections.models.choices import OFFICE_READERS
from inspections.queries import people as people_queries
from inspections.queries import plans as queries
from inspections.rules import kinds
from inspections.workflow import DONE, InspectionStatus, Selection
from portal.core.models import User
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.roles import Role

from . import parts

PLANNERS = (Role.CLERK,)


@lists(InspectionPlan, roles=OFFICE_READERS)
def plans(request: Request) -> HttpResponse:
    """The plans, the newest first, and how far each has come."""
    page = page_of(request, queries.plans_for(request.user).order_by("-starts_on", "-id"))
    may_add = request.user.has_role(*PLANNERS)
    context = {
        "title": _("检查计划"),
        "lead": _("年度计划、专项计划和双随机抽取。计划由另一人审定后才能执行。"),
        "action": (_("新建计划"), reverse("desk:plan_new")) if may_add else None,
        "more": [(_("检查任务"), reverse("desk:inspections"))],
        "head": [_("计划"), _("编号"), _("检查类型"), _("状态"), _("时间"), _("进度")],
        "rows": [{"key": each.number, "cells": _row(each)} for each in page],
        "page": page,
        "export": "plans",
        "empty": (_("还没有计划"), _("新建计划，交另一人审定后即可安排检查。")),
        "crumbs": parts.crumbs((_("检查计划"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _row(plan: Any) -> list[dict[str, Any]]:
    return [
        parts.link(plan.name, reverse("desk:plan", args=[plan.number])),
        parts.text(plan.number, css="nobr") | {"label": _("编号")},
        parts.badge(plan, "kind") | {"label": _("检查类型")},
        parts.badge(plan) | {"label": _("状态")},
        parts.text(_dates(plan)) | {"label": _("时间")},
        parts.text(f"{plan.carried_out}/{plan.total}") | {"label": _("进度")},
    ]


def _dates(plan: InspectionPlan) -> str:
    return f"{plan.starts_on.isoformat()} — {plan.ends_on.isoformat()}"


@makes(InspectionPlan, roles=PLANNERS)
def plan_new(request: Request) -> HttpResponse:
    """Begin a plan."""
    delegated = people_queries.delegated_choices(request.today)
    form = forms.PlanForm(posted(request), delegated=delegated, since=request.today)

    def act() -> str:
        token = form.cleaned_data["token"]
        made = actions.start_plan(form.values, token=token, by=request.actor, at=request.at)
        return _("已建立计划 %(number)s。") % {"number": made.number}

    here = reverse("desk:plans")
    way = [(_("检查计划"), here), (_("新建计划"), "")]
    return parts.act_page(request, None, form, _("新建计划"), act, here=here, way=way)


@offers(InspectionPlan, "edit", key="number")
def plan_edit(request: Request, plan: InspectionPlan) -> HttpResponse:
    """Change a plan that has not been proposed, or was handed back."""
    form = forms.PlanForm(
        posted(request), initial=_as_typed(plan), since=request.today,
        delegated=people_queries.delegated_choices(request.today),
    )  # fmt: skip

    def act() -> str:
        actions.edit_plan(plan, form.values, by=request.actor, at=request.at)
        return _("计划已保存。")

    way = [(_("检查计划"), reverse("desk:plans"))]
    return parts.act_page(request, plan, form, _("修改计划"), act, way=way)


def _as_typed(plan: InspectionPlan) -> dict[str, Any]:
    """The plan as its form takes it."""
    names = (
        "name", "kind", "selection", "percent", "starts_on", "ends_on", "note",
        "lead_department", "partners",
    )  # fmt: skip
    kept = {name: getattr(plan, name) for name in names}
    kept |= {"checklist": plan.checklist_id, "delegated": plan.delegated_id}
    return kept | {plan.scope: plan.scope_values}  # the fields are called as the scopes


@shows(InspectionPlan, key="number", roles=OFFICE_READERS)
def plan(request: Request, plan: InspectionPlan) -> HttpResponse:
    """One plan: what it covers, how far it has come, what may be done next."""
    context = {
        "plan": plan,
        "facts": _facts(plan),
        "in_scope": queries.in_scope(plan).count(),
        **_progress(plan),
        "is_random": plan.selection == Selection.RANDOM,
        "drawing": RandomDraw.objects.filter(plan=plan).first(),
        "cap": in_force(request.today).integer("inspections.yearly_cap"),
        "crumbs": parts.crumbs((_("检查计划"), reverse("desk:plans")), (plan.number, "")),
    }
    return render(request, "desk/inspections/plan.html", context)


def _progress(plan: InspectionPlan) -> dict[str, Any]:
    counts = queries.progress(plan)
    return {
        "total": sum(n for state, n in counts.items() if state != InspectionStatus.CANCELLED),
        "done": sum(n for state, n in counts.items() if state in DONE),
        "by_state": [(s.label, counts.get(s, 0)) for s in InspectionStatus if counts.get(s)],
    }


def _facts(plan: InspectionPlan) -> list[tuple[str, Any]]:
    rows = [
        (_("检查类型"), plan.get_kind_display()),
        (_("安排方式"), plan.get_selection_display()),
        (_("检查表"), plan.checklist),
        (_("检查范围"), plan.get_scope_display()),
        (_("抽取比例"), f"{plan.percent}%" if plan.selection == Selection.RANDOM else ""),
        (_("赋权事项"), plan.delegated or ""),
        (_("牵头部门"), plan.lead_department),
        (_("参加部门"), "、".join(plan.partners)),
        (_("时间"), _dates(plan)),
        (_("说明"), plan.note),
        (_("退回理由"), plan.decision_reason),
    ]
    return [(label, value) for label, value in rows if value]


def _plan_act(
    request: Request, plan: InspectionPlan, words: str, verb: Any, *, told: str, hint: str = ""
) -> HttpResponse:
    """Acts that need nothing but the button."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = words

    def act() -> str:
        verb(plan, by=request.actor, at=request.at)
        return told

    way = [(_("检查计划"), reverse("desk:plans"))]
    return parts.act_page(request, plan, form, words, act, way=way, facts=_facts(plan), hint=hint)


@offers(InspectionPlan, "propose", key="number")
def plan_propose(request: Request, plan: InspectionPlan) -> HttpResponse:
    """Put the plan before a second person."""
    told = _("已提交审定。")
    return _plan_act(request, plan, _("提交审定"), actions.propose_plan, told=told)


@offers(InspectionPlan, "approve", key="number")
def plan_approve(request: Request, plan: InspectionPlan) -> HttpResponse:
    """The second person puts the plan into force."""
    return _plan_act(request, plan, _("审定"), actions.approve_plan, told=_("计划开始执行。"))


@offers(InspectionPlan, "schedule", key="number")
def plan_schedule(request: Request, plan: InspectionPlan) -> HttpResponse:
    """A visit for each facility in scope that has none yet."""
    hint = _("给范围内还没有安排的每家机构安排一次检查，日期均匀分布；达到年度上限的机构会跳过。")
    told = _("已按计划安排检查。")
    verb = actions.schedule_plan
    return _plan_act(request, plan, _("按计划安排检查"), verb, told=told, hint=hint)


@offers(InspectionPlan, "draw", key="number")
def plan_draw(request: Request, plan: InspectionPlan) -> HttpResponse:
    """Draw facilities and people; the record keeps the seed and the lists."""
    hint = _("抽取机构和检查人员。种子、名单、权重和不参加抽取的原因都会记录，抽取后不能重抽。")
    told = _("已完成抽取。")
    return _plan_act(request, plan, _("开始抽取"), actions.draw_plan, told=told, hint=hint)


@offers(InspectionPlan, "close", key="number")
def plan_close(request: Request, plan: InspectionPlan) -> HttpResponse:
    """The plan is over."""
    return _plan_act(request, plan, _("结束计划"), actions.close_plan, told=_("计划已结束。"))


@offers(InspectionPlan, "hand_back", key="number")
def plan_hand_back(request: Request, plan: InspectionPlan) -> HttpResponse:
    """The second person returns the plan."""
    form = forms.ReasonForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hand_back_plan(plan, reason, by=request.actor, at=request.at)
        return _("计划已退回。")

    way = [(_("检查计划"), reverse("desk:plans"))]
    return parts.act_page(request, plan, form, _("退回计划"), act, way=way)


@shows(InspectionPlan, key="number", roles=OFFICE_READERS)
def draw(request: Request, plan: InspectionPlan) -> HttpResponse:
    """The record of a draw: seed, lists, exclusions with reasons, result; made again to compare."""
    drawing = RandomDraw.objects.select_related("plan", "paper").filter(plan=plan).first()
    context: dict[str, Any] = {
        "plan": plan,
        "drawing": drawing,
        "crumbs": parts.crumbs(
            (_("检查计划"), reverse("desk:plans")), (plan.number, plan.url_for(request.user)),
            (_("双随机抽取"), ""),
        ),
    }  # fmt: skip
    if drawing is not None:
        context |= _drawn(drawing)
    return render(request, "desk/inspections/draw.html", context)


def _drawn(drawing: RandomDraw) -> dict[str, Any]:
    """The lists with posts for keys, and whether the draw made again gives the same."""
    keys = [*drawing.people, *(key for key, _reason in drawing.people_excluded)]
    names = {str(p.pk): p.signature_label for p in User.objects.filter(pk__in=keys)}
    again = [[each.facility, list(each.people)] for each in queries.replay(drawing)]
    reasons = {
        queries.CAP: _("本年度行政检查已达上限"),
        queries.VISITED: _("本计划已安排"),
        kinds.NO_CERTIFICATE: _("没有有效的行政执法证"),
        kinds.NOT_AN_OFFICER: _("不能参加这一类检查"),
    }
    return {
        "same": again == drawing.result,
        "result": [(code, [names.get(key, "") for key in keys]) for code, keys in drawing.result],
        "weights": drawing.facilities,
        "excluded": [(code, reasons.get(why, why)) for code, why in drawing.excluded],
        "people_excluded": [
            (names.get(key, ""), reasons.get(why, why)) for key, why in drawing.people_excluded
        ],
        "people": [names.get(key, "") for key in drawing.people],
        "ties": [(names[k], code) for k, code in queries.tied_pairs(drawing) if k in names],
        "lapsed": [(names[k], code) for k, code in queries.lapsed_pairs(drawing) if k in names],
        "local": [(names.get(k, ""), count) for k, count in queries.elsewhere(drawing).items()],
        "replaced": list(drawing.replacements.select_related("person", "instead", "inspection")),
        "papers": parts.paper_links(drawing.paper) if drawing.paper else [],
    }
