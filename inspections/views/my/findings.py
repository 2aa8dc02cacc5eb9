"""Findings to put right (O19): before and after, once more time, once another view."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models.facility import withheld_of
from inspections import actions
from inspections.forms.answering import DisputeForm, ExtensionForm, PlanForm, ReportForm
from inspections.models import Finding, FindingStep
from inspections.queries import field as field_queries
from inspections.queries import findings as queries
from inspections.rules import deadlines
from inspections.views.desk.parts import photo, sentence
from portal.core import permissions
from portal.core.attachments import UploadRefused
from portal.core.models import Attachment
from portal.core.pages import Request, lists, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from .own import form_page, home_crumb, of_mine

ACTS = ("report", "plan", "ask_extension", "dispute")


@lists(Finding, roles=[Role.OPERATOR])
def findings(request: Request) -> HttpResponse:
    """What has to be put right, the most urgent first; and what is over."""
    everything = request.GET.get("state") == "all"
    rows = field_queries.findings_of(request.user)
    if not everything:
        rows = rows.not_over()  # type: ignore[attr-defined]
    context = {
        "page": page_of(request, rows.order_by("due_on", "id")),
        "everything": everything,
        "today": request.today,
        "crumbs": [home_crumb(), (_("我的整改"), "")],
    }
    return render(request, "my/inspections/findings.html", context)


@shows(Finding, key="number", roles=[Role.OPERATOR])
@of_mine()
def finding(request: Request, finding: Finding) -> HttpResponse:
    """One finding: what, until when, how it looked and looks, what was done."""
    context = {
        "finding": finding,
        "facility": finding.facility,
        "late": finding.days_late(request.today),
        **_photos(finding),
        "entries": [_entry(step) for step in queries.steps_of(finding, internal=False)],
        "papers": queries.papers_of(finding),
        "may": _may(request, finding),
        "crumbs": [home_crumb(), (_("我的整改"), reverse("my:findings")), (finding.number, "")],
    }
    return render(request, "my/inspections/finding.html", context)


def _may(request: Request, finding: Finding) -> dict[str, bool]:
    """What this person can do now; time is asked for once, and so is another view."""
    kept = withheld_of(request.user, finding.facility_id, [f"finding.{act}" for act in ACTS])
    may = {
        act: permissions.can(request.user, act, finding) and f"finding.{act}" not in kept
        for act in ACTS
    }
    may["ask_extension"] &= finding.extension_asked_on is None
    may["dispute"] &= not finding.dispute_answer
    return may


def _photos(finding: Finding) -> dict[str, Any]:
    """How it looked, what the facility shows, and what the recheck saw."""
    after = queries.photos_after(finding)
    return {
        "before": [photo(file) for file in queries.photos_before(finding)],
        "after": [photo(file) for file in _of(after, queries.AFTER)],
        "rechecked": [photo(file) for file in _of(after, queries.RECHECK)],
    }


def _of(files: list[Attachment], slot: str) -> list[Attachment]:
    return [file for file in files if file.slot == slot]


def _entry(step: FindingStep) -> dict[str, Any]:
    """A line of the timeline, in the facility's words; people of the office by post."""
    words = {
        "issued": _("检查中发现，已告知"),
        "plan": _("机构填写了整改打算"),
        "report": _("机构提交了整改"),
        "ask_extension": _("机构申请延期"),
        "extend": _("街道同意延期"),
        "refuse_extension": _("街道不同意延期"),
        "dispute": _("机构提出申诉"),
        "uphold": _("街道答复申诉：问题成立"),
        "annul": _("街道答复申诉：撤销这个问题"),
        "close": _("复查通过，已销号"),
        "return": _("复查没有通过"),
        "transfer": _("已移送有关部门"),
        "take_back": _("街道撤回移送，请在新的期限内整改"),
        "settle": _("有关部门已处理，销号"),
        "remind": _("街道提醒整改"),
    }
    return {"at": step.done_at, "text": words.get(step.act, _("有新的进展")), "detail": step.note}


@offers(Finding, "plan", key="number")
@of_mine("finding.plan")
def finding_plan(request: Request, finding: Finding) -> HttpResponse:
    """Say what is going to be done."""
    form = PlanForm(posted(request), initial={"measure": finding.measure})
    if request.method == "POST" and form.is_valid():
        measure = form.cleaned_data["measure"]
        actions.plan_correction(finding, measure, by=request.actor, at=request.at)
        messages.success(request, _("已保存。改好以后，请回来提交整改。"))
        return redirect("my:finding", number=finding.number)
    return form_page(request, finding, form, _("填写整改打算"), lead=finding.text)


@offers(Finding, "report", key="number")
@of_mine("finding.report")
def finding_report(request: Request, finding: Finding) -> HttpResponse:
    """It is put right: how, when, with photos beside the inspector's."""
    form = ReportForm(
        posted(request), request.FILES or None, since=finding.issued_on or request.today,
        today=request.today, initial={"measure": finding.measure, "done_on": request.today},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid() and _reported(request, finding, form):
        messages.success(request, _("整改已提交，街道会来复查。"))
        return redirect("my:finding", number=finding.number)
    before = [photo(file) for file in queries.photos_before(finding)]
    return form_page(request, finding, form, _("提交整改"), lead=finding.text, before=before)


def _reported(request: Request, finding: Finding, form: ReportForm) -> bool:
    given = form.cleaned_data
    try:
        actions.report_correction(
            finding, given["measure"], given["done_on"], photos=form.photos, by=request.actor,
            at=request.at,
        )  # fmt: skip
    except UploadRefused as too_much:
        form.add_error("photo", too_much.message)
    return form.is_valid()


@offers(Finding, "ask_extension", key="number")
@of_mine("finding.ask_extension")
def finding_extension(request: Request, finding: Finding) -> HttpResponse:
    """Ask once for more time."""
    form = ExtensionForm(posted(request), since=request.today)
    if request.method == "POST" and form.is_valid() and _asked(request, finding, form):
        return redirect("my:finding", number=finding.number)
    law = in_force(request.today)
    latest = deadlines.extension_latest(finding.severity, finding.due_on, law)
    return form_page(request, finding, form, _("申请延期"), lead=_lead(finding, latest))


def _asked(request: Request, finding: Finding, form: ExtensionForm) -> bool:
    given = form.cleaned_data
    try:
        actions.ask_extension(
            finding, given["until"], given["reason"], by=request.actor, at=request.at
        )
    except actions.DayNotAllowed as late:
        form.add_error("until", sentence(late))
        return False
    except actions.ExtendedBefore:
        messages.info(request, _("这个问题已经申请过延期，只能申请一次。"))
        return True
    messages.success(request, _("延期申请已提交。答复以前，请按原期限整改。"))
    return True


def _lead(finding: Finding, latest: dt.date) -> str:
    facts = {"due": cn_date(finding.due_on), "latest": cn_date(latest)}
    return _("现在的期限是 %(due)s，最晚可以延到 %(latest)s，只能申请一次。") % facts


@offers(Finding, "dispute", key="number")
@of_mine("finding.dispute")
def finding_dispute(request: Request, finding: Finding) -> HttpResponse:
    """Say that it is not so."""
    form = DisputeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.dispute_finding(finding, reason, by=request.actor, at=request.at)
        messages.success(request, _("申诉已提交。答复以前，整改期限暂停计算。"))
        return redirect("my:finding", number=finding.number)
    return form_page(request, finding, form, _("提出申诉"), lead=finding.text)
