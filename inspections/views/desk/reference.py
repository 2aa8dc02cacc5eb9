"""What the visits rest on: checklists, certificates, ties, delegated matters, risk classes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility
from inspections import actions
from inspections.forms import desk as forms
from inspections.forms import reference
from inspections.models import (
    Checklist,
    ChecklistVersion,
    DelegatedItem,
    FacilityRisk,
)
from inspections.models.choices import OFFICE_READERS
from inspections.queries import people as people_queries
from inspections.queries import reference as queries
from inspections.queries import risk as risk_queries
from inspections.rules import risk
from portal.core import permissions
from portal.core.models import User
from portal.core.models.packs import LAW_READERS
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from . import parts
from .explaining import NOTERS

KEEPERS = (Role.CLERK, Role.APPROVER)
DUE = "due"  # the tab of those to be visited soon


@lists(ChecklistVersion, roles=OFFICE_READERS)
def checklists(request: Request) -> HttpResponse:
    """Every version of every checklist (S19)."""
    page = page_of(request, queries.versions())
    context = {
        "title": _("检查表"),
        "lead": _("修改检查表会产生新版，由另一人发布；已做的检查仍用原来的版本。"),
        "head": [_("检查表"), _("版次"), _("状态"), _("启用日期"), _("项目数")],
        "rows": [{"key": str(each.pk), "cells": _version_row(each)} for each in page],
        "page": page,
        "empty": (_("没有检查表"), _("检查表随系统提供，请联系管理员。")),
        "crumbs": parts.crumbs((_("检查表"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _version_row(version: Any) -> list[dict[str, Any]]:
    return [
        parts.link(version.checklist.name, reverse("desk:checklist", args=[version.pk])),
        parts.text(_("第%(n)s版") % {"n": version.version}) | {"label": _("版次")},
        parts.badge(version) | {"label": _("状态")},
        parts.day(version.published_on) | {"label": _("启用日期")},
        parts.text(version.size) | {"label": _("项目数")},
    ]


@shows(ChecklistVersion, roles=OFFICE_READERS)
def checklist(request: Request, version: ChecklistVersion) -> HttpResponse:
    """One version: its questions in parts, with what a failure means."""
    context = {
        "version": version,
        "sections": queries.sections(version),
        "crumbs": parts.crumbs((_("检查表"), reverse("desk:checklists")), (str(version), "")),
    }
    return render(request, "desk/inspections/checklist.html", context)


@lists(DelegatedItem, roles=OFFICE_READERS)
def delegated(request: Request) -> HttpResponse:
    """The matters handed to the street, with their dates; two persons confirm each."""
    page = page_of(request, DelegatedItem.objects.visible_to(request.user))
    context = {
        "title": _("赋权事项"),
        "lead": _("只有已由两人确认、在有效期内的事项，街道才能做行政检查和责令改正。"),
        "action": _matter_action(request.user),
        "head": [_("事项"), _("赋权文件"), _("起始日期"), _("截止日期"), _("状态"), _("操作")],
        "rows": [{"key": str(each.pk), "cells": _matter(request.user, each)} for each in page],
        "page": page,
        "empty": (_("没有赋权事项"), _("没有赋权的，街道只做属地巡查。")),
        "crumbs": parts.crumbs((_("赋权事项"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _matter(user: User, item: DelegatedItem) -> list[dict[str, Any]]:
    last = parts.text("")
    permissions.reached(user, item)
    if item.proposed_by_id and permissions.can(user, "confirm", item):
        last = parts.link(_("核对确认"), reverse("desk:delegated_confirm", args=[item.pk]))
    elif permissions.can(user, "edit", item):
        last = parts.link(_("核对、修改"), reverse("desk:delegated_edit", args=[item.pk]))
    elif permissions.can(user, "end", item):
        last = parts.link(_("停用"), reverse("desk:delegated_end", args=[item.pk]))
    return [
        parts.text(item.name),
        parts.text(item.source_number) | {"label": _("赋权文件")},
        parts.day(item.valid_from) | {"label": _("起始日期")},
        parts.day(item.valid_to) | {"label": _("截止日期")},
        parts.badge(item) | {"label": _("状态")},
        last | {"label": _("办理")},
    ]


def _matter_action(user: User) -> tuple[str, str] | None:
    may_add = user.has_role(Role.CLERK)
    return (_("登记赋权事项"), reverse("desk:delegated_new")) if may_add else None


@makes(DelegatedItem, roles=(Role.CLERK,))
def delegated_new(request: Request) -> HttpResponse:
    """Write down a matter that was handed to the street."""
    form = reference.MatterForm(posted(request))

    def act() -> str:
        actions.propose_delegated(form.values, by=request.actor, at=request.at)
        return _("已登记，由另一人核对确认。")

    here = reverse("desk:delegated")
    way = [(_("赋权事项"), here), (_("登记赋权事项"), "")]
    return parts.act_page(request, None, form, _("登记赋权事项"), act, here=here, way=way)


@offers(DelegatedItem, "edit")
def delegated_edit(request: Request, item: DelegatedItem) -> HttpResponse:
    """Read the document, put the entry right, and put it before another person."""
    names = list(reference.MatterForm.base_fields)
    initial = {name: getattr(item, name) for name in names}
    form = reference.MatterForm(posted(request), initial=initial)

    def act() -> str:
        actions.propose_delegated(form.values, item=item, by=request.actor, at=request.at)
        return _("已登记，由另一人核对确认。")

    return parts.act_page(request, item, form, _("核对赋权事项"), act)


@offers(DelegatedItem, "confirm")
def delegated_confirm(request: Request, item: DelegatedItem) -> HttpResponse:
    """A second person has read the document."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("已核对原文，确认")

    def act() -> str:
        actions.confirm_delegated(item, by=request.actor, at=request.at)
        return _("赋权事项已确认。")

    facts = [
        (_("赋权文件"), item.source_number),
        (_("法律依据"), item.basis),
        (_("起始日期"), cn_date(item.valid_from)),
    ]
    return parts.act_page(request, item, form, _("确认赋权事项"), act, facts=facts)


@offers(DelegatedItem, "end")
def delegated_end(request: Request, item: DelegatedItem) -> HttpResponse:
    """The matter is not the street's any more."""
    form = forms.EndForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.end_delegated(item, reason, by=request.actor, at=request.at)
        return _("赋权事项已停用。")

    return parts.act_page(request, item, form, _("停用赋权事项"), act)


@lists(FacilityRisk, roles=OFFICE_READERS)
def risks(request: Request) -> HttpResponse:
    """The office's own classes, the worst first. Never published."""
    tabs, found = _risks_of(request)
    weights = [(_("扣分和权重"), reverse("desk:pack", args=["risk"]))]
    last = [_("分数"), _("上次走访"), _("下次走访最迟"), _("下一次")]
    context = {
        "title": _("风险分级"),
        "lead": _("只供街道内部安排检查使用，不对外公开。每一分都能看到原因。"),
        "head": [_("机构"), _("风险等级"), *last],
        "tabs": tabs,
        **_risk_rows(request, page_of(request, found)),
        "empty": _no_risk(request),
        "more": weights if request.user.has_role(*LAW_READERS) else [],
        "crumbs": parts.crumbs((_("风险分级"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _risks_of(request: Request) -> tuple[list[dict[str, Any]], QuerySet[Any]]:
    """The two tabs, and the classes of the one that is open."""
    every = risk_queries.with_planned(risk_queries.risks_for(request.user))
    due = risk_queries.due_for_visit(request.today, request.user)
    tab = DUE if request.GET.get("tab") == DUE else ""
    words = [
        ("", _("全部"), every.count()),
        (DUE, _("走访快到期、还没有安排"), due.count()),
    ]
    found = due.order_by("next_due_on", "id") if tab else every.order_by("points", "id")
    return parts.tabs_of(request, "tab", tab, words), found


def _no_risk(request: Request) -> tuple[str, str]:
    if request.GET.get("tab") == DUE:
        return _("没有要安排的走访"), _("快到期又没有人安排的会列在这里。")
    return _("还没有计算"), _("每天自动计算一次。")


def _risk_rows(request: Request, page: Any) -> dict[str, Any]:
    may_add = request.user.has_role(Role.CLERK)
    rows = [{"key": each.facility.code, "cells": _risk_row(each, may_add=may_add)} for each in page]
    return {"page": page, "rows": rows}


def _next_visit(assessed: Any, *, may_add: bool) -> dict[str, Any]:
    if assessed.is_planned:
        return parts.text(_("已安排"))
    if not may_add:
        return parts.text(_("还没有安排"))
    there = f"{reverse('desk:inspection_new')}?facility={assessed.facility.code}"
    return parts.link(_("安排走访"), there)


def _risk_row(assessed: Any, *, may_add: bool) -> list[dict[str, Any]]:
    facility = assessed.facility
    return [
        parts.link(facility.name, reverse("desk:facility_risk", args=[facility.code])),
        parts.badge(assessed, "risk_class") | {"label": _("风险等级")},
        parts.text(assessed.points) | {"label": _("分数")},
        parts.day(assessed.last_visit_on) | {"label": _("上次走访")},
        parts.day(assessed.next_due_on) | {"label": _("下次走访最迟")},
        _next_visit(assessed, may_add=may_add) | {"label": _("下一次")},
    ]


@shows(Facility, key="code", roles=OFFICE_READERS)
def facility_risk(request: Request, facility: Facility) -> HttpResponse:
    """Why a facility has its class: each deduction with its reason, and when it lapses."""
    law = in_force(request.today)
    facts = risk_queries.grounds([facility], request.today)[facility.pk].facts
    assessed = risk.assess(facts, request.today, law)
    context = {
        "facility": facility,
        "assessed": assessed,
        "kept": FacilityRisk.objects.filter(facility=facility).first(),
        "start": law.integer("risk.start"),
        "opposite": risk.in_conflict(assessed.risk_class, facility.quality_grade),
        **_by_people(facility, request.user, request.today),
        "low_from": law.integer("risk.low_from"),
        "crumbs": parts.crumbs((_("风险分级"), reverse("desk:risks")), (facility.name, "")),
    }
    return render(request, "desk/inspections/risk.html", context)


def _by_people(facility: Facility, user: User, day: dt.date) -> dict[str, Any]:
    """What persons added to the class, and what this one may add."""
    return {
        "explanations": risk_queries.explanations_of(facility),
        "noted": risk_queries.noted_by_hand(facility, user, day),
        "may_note": user.has_role(*NOTERS) and not people_queries.ties_of([user.pk], facility),
        "may_explain": user.has_role(Role.CLERK, Role.APPROVER),
    }


@makes(ChecklistVersion, roles=(Role.CLERK,))
def checklist_new(request: Request) -> HttpResponse:
    """Begin the next version of a list: a copy of the one in use."""
    form = reference.NewVersionForm(posted(request), lists=Checklist.objects.all())

    def act() -> str:
        made = actions.start_version(
            form.cleaned_data["checklist"], by=request.actor, at=request.at
        )
        return _("已建立%(version)s，可以修改。") % {"version": made}

    here = reverse("desk:checklists")
    way = [(_("检查表"), here), (_("修改检查表"), "")]
    return parts.act_page(request, None, form, _("修改检查表"), act, here=here, way=way)


@offers(ChecklistVersion, "edit")
def checklist_edit(request: Request, version: ChecklistVersion) -> HttpResponse:
    """Change wording, severity and order of the questions, one line each."""
    initial = {"lines": queries.as_lines(version), "note": version.note}
    form = reference.VersionForm(posted(request), initial=initial, known=queries.rows(version))

    def act() -> str:
        rows, note = form.cleaned_data["lines"], form.cleaned_data["note"]
        actions.keep_items(version, rows, note, by=request.actor, at=request.at)
        return _("已保存，提交后由另一人发布。")

    way = [(_("检查表"), reverse("desk:checklists"))]
    return parts.act_page(request, version, form, _("修改检查项目"), act, way=way)


def _version_act(
    request: Request, version: ChecklistVersion, words: str, verb: Any, told: str
) -> HttpResponse:
    form = forms.ConfirmForm(posted(request))
    form.submit_label = words

    def act() -> str:
        verb(version, by=request.actor, at=request.at)
        return told

    way = [(_("检查表"), reverse("desk:checklists"))]
    facts = [(_("修改说明"), version.note), (_("项目数"), version.items.count())]
    return parts.act_page(request, version, form, words, act, way=way, facts=facts)


@offers(ChecklistVersion, "propose")
def checklist_propose(request: Request, version: ChecklistVersion) -> HttpResponse:
    """Put a version before a second person."""
    return _version_act(request, version, _("提交发布"), actions.propose_version, _("已提交。"))


@offers(ChecklistVersion, "publish")
def checklist_publish(request: Request, version: ChecklistVersion) -> HttpResponse:
    """The second person puts it into use."""
    told = _("新版检查表已启用。")
    return _version_act(request, version, _("发布新版"), actions.publish_version, told)


@offers(ChecklistVersion, "hand_back")
def checklist_hand_back(request: Request, version: ChecklistVersion) -> HttpResponse:
    """The second person returns it."""
    form = forms.ReasonForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hand_back_version(version, reason, by=request.actor, at=request.at)
        return _("已退回。")

    way = [(_("检查表"), reverse("desk:checklists"))]
    return parts.act_page(request, version, form, _("退回检查表"), act, way=way)
