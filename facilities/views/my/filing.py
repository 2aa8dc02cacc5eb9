"""A filing as a whole: its tasks or its progress, check, declaration, receipt, withdrawal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries
from facilities.forms import DECLARATION, DeclarationForm, Remark, remarks
from facilities.models import Filing
from facilities.workflow import FilingStatus
from portal.core import permissions
from portal.core.pages import Request, offers, shows
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_day

from . import progress
from .answers import FORMS, paper_rows, section_rows
from .own import own, posted

S = FilingStatus


@shows(Filing, key="number", roles=[Role.OPERATOR])
@own
def filing(request: Request, filing: Filing) -> HttpResponse:
    """O3 while it is the operator's turn, O13 afterwards."""
    if filing.state in {S.DRAFT, S.CORRECTION}:
        return render(request, "my/tasks.html", _tasks(request, filing))
    return render(request, "my/status.html", _status(request, filing))


def _tasks(request: Request, filing: Filing) -> dict[str, Any]:
    law = in_force(request.today)
    prefetch_related_objects([filing], "sections", "certificates")
    sections = queries.sections_of(filing)
    asked = progress.corrections_of(queries.correction_list(filing).filter(is_sent=True))
    found = queries.precheck(filing, request.today, law)
    counts = Counter(miss.section for miss in found if miss.section != "certificates")
    return {
        "filing": filing,
        "state": progress.state_badge(filing),
        "groups": progress.task_groups(filing, sections, asked, counts),
        "asked": [(progress.SECTION_NAMES[key], items) for key, items in asked.items()],
        "done": progress.done_count(sections),
        "total": len(sections),
        "is_ready": progress.is_ready(sections),
        "is_correction": filing.state == S.CORRECTION,
        "days": law.integer("filing.draft_days"),
        "can_withdraw": permissions.can(request.user, "withdraw", filing),
        "crumbs": [progress.home_crumb(), (_("登记报送"), "")],
    }


def _status(request: Request, filing: Filing) -> dict[str, Any]:
    papers = progress.paper_ways(filing)
    return {
        "filing": filing,
        "state": progress.state_badge(filing),
        "sentence": progress.sentence(filing, request.today),
        "entries": progress.timeline(filing, papers),
        "papers": papers,
        "can_withdraw": permissions.can(request.user, "withdraw", filing),
        "crumbs": [progress.home_crumb(), (_("报送进度"), "")],
    }


@offers(Filing, "submit", key="number")
@own
def check(request: Request, filing: Filing) -> HttpResponse:
    """O11: everything on one page, what the pre-check remarks, and what is still missing."""
    law = in_force(request.today)
    prefetch_related_objects([filing], "sections", "certificates")
    sections = queries.sections_of(filing)
    found = remarks(queries.precheck(filing, request.today, law), law)
    context = {
        "filing": filing,
        "parts": _parts(filing, law, sections),
        "remarks": [(remark, _place(filing, remark)) for remark in found],
        "open_tasks": _open_tasks(filing, sections),
        "crumbs": progress.filing_crumbs(filing, _("核对并提交")),
    }
    return render(request, "my/check.html", context)


def _parts(filing: Filing, law: Regulation, sections: Any) -> list[dict[str, Any]]:
    parts = [
        {
            "title": progress.SECTION_NAMES[key],
            "rows": section_rows(key, sections[key].answers or sections[key].draft or {}, filing),
        }
        for key in FORMS
    ]
    materials = queries.required_for(filing, law) or []
    papers = {paper["material"]: paper for paper in queries.certificate_answers(filing)}
    names = {m.code: m.name for m in materials if m.required or m.code in papers}
    rows = paper_rows(papers, queries.files_by_material(filing), filing, names)
    return [*parts, {"title": progress.SECTION_NAMES["certificates"], "rows": rows}]


def _open_tasks(filing: Filing, sections: Any) -> list[tuple[Any, str]]:
    return [
        (progress.SECTION_NAMES[key], reverse(f"my:{key}", args=[filing.number]))
        for key, section in sections.items()
        if section.status != "complete"
    ]


def _place(filing: Filing, remark: Remark) -> str:
    """The page and control a remark is about."""
    if remark.material:
        url = reverse("my:certificate", args=[filing.number, remark.material])
    else:
        url = reverse(f"my:{remark.section}", args=[filing.number])
    return f"{url}?from=check#{remark.anchor}"


@offers(Filing, "submit", key="number")
@own
def declaration(request: Request, filing: Filing) -> HttpResponse:
    """O10: read, tick, sign by name, send."""
    if not progress.is_ready(queries.sections_of(filing)):
        return _not_ready(request, filing)
    form = DeclarationForm(posted(request))
    form.cancel_url = reverse("my:check", args=[filing.number])
    if request.method == "POST" and form.is_valid():
        return _send(request, filing, form.cleaned_data["declared_name"])
    context = {
        "filing": filing,
        "form": form,
        "lines": DECLARATION.splitlines(),
        "crumbs": progress.filing_crumbs(filing, _("承诺书")),
    }
    return render(request, "my/declaration.html", context)


def _not_ready(request: Request, filing: Filing) -> HttpResponse:
    messages.warning(request, _("还有资料没有填完，填完后再提交。"))
    return redirect("my:check", number=filing.number)


def _send(request: Request, filing: Filing, name: str) -> HttpResponse:
    try:
        actions.submit_filing(filing, name, DECLARATION, by=request.actor, at=request.at)
    except actions.Incomplete:
        return _not_ready(request, filing)
    return HttpResponseRedirect(reverse("my:done", args=[filing.number]), status=303)


@shows(Filing, key="number", roles=[Role.OPERATOR])
@own
def done(request: Request, filing: Filing) -> HttpResponse:
    """O12: number, date of the answer, what comes next; a bookmark of it stays true."""
    if filing.state != S.SUBMITTED:
        return redirect("my:filing", number=filing.number)
    return render(request, "my/done.html", _receipt(filing))


def _receipt(filing: Filing) -> dict[str, Any]:
    due = cn_day(filing.answer_due)
    url = reverse("my:filing", args=[filing.number])
    return {
        "filing": filing,
        "due": due,
        "steps": [
            (_("%(day)s前") % {"day": due}, _("街道审核资料，答复您是否登记，或请您补充材料")),
            ("", _("需要补充材料时，会在“消息”里告诉您，答复期限暂停计算")),
            ("", _("登记后，在“文书”里下载登记回执")),
        ],
        "actions": [{"label": _("查看进度"), "url": url, "icon": "clock-history"}],
        "crumbs": progress.filing_crumbs(filing, _("已提交")),
    }


@offers(Filing, "withdraw", key="number")
@own
def withdraw(request: Request, filing: Filing) -> HttpResponse:
    """Take the filing back, after one question."""
    if request.method == "POST":
        actions.withdraw_filing(filing, by=request.actor, at=request.at)
        messages.success(request, _("已撤回登记报送 %(number)s。") % {"number": filing.number})
        return redirect("my:filing", number=filing.number)
    context = {
        "filing": filing,
        "effects": [
            _("撤回后不能恢复，也不能再修改"),
            _("街道不再审核这次报送；需要时可以重新填写一份"),
        ],
        "back": reverse("my:filing", args=[filing.number]),
        "crumbs": progress.filing_crumbs(filing, _("撤回登记报送")),
    }
    return render(request, "my/withdraw.html", context)
