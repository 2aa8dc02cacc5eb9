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
from facilities.forms import DECLARATION, FORMS, SECTION_NAMES, DeclarationForm, Remark, remarks
from facilities.forms.counter import SignedDeclarationForm
from facilities.forms.declaration import PlaceDeclarationForm
from facilities.forms.supplement import SupplementForm
from facilities.models import Filing
from facilities.models.choices import FilingKind, FilingSource
from facilities.queries import life
from facilities.workflow import WRITERS, FilingStatus
from portal.core import attachments, permissions
from portal.core.files import Accepted
from portal.core.pages import Request, offers, posted, shows
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.templatetags.portal import cn_day

from . import life as my_life
from . import progress
from .answers import paper_rows, section_rows
from .own import own

S = FilingStatus


@shows(Filing, key="number", roles=WRITERS)
@own
def filing(request: Request, filing: Filing) -> HttpResponse:
    """O3 while it is the operator's turn, O13 afterwards."""
    if filing.state in {S.DRAFT, S.CORRECTION}:
        return render(request, "my/tasks.html", _tasks(request, filing))
    return render(request, "my/status.html", _status(request, filing))


def _tasks(request: Request, filing: Filing) -> dict[str, Any]:
    law = in_force(request.today)
    prefetch_related_objects([filing], "sections", "certificates")
    sections = life.tasks_among(filing, queries.asked_sections(filing, law), law)
    asked = progress.corrections_of(queries.correction_list(filing).filter(is_sent=True))
    found = queries.precheck(filing, request.today, law)
    counts = Counter(miss.section for miss in found if miss.section != "certificates")
    return {
        "filing": filing,
        "state": progress.state_badge(filing),
        "groups": progress.task_groups(filing, sections, asked, counts),
        "asked": [(SECTION_NAMES[key], items) for key, items in asked.items()],
        "done": progress.done_count(sections),
        "total": len(sections),
        "is_ready": progress.is_ready(sections),
        "is_correction": filing.state == S.CORRECTION,
        "days": law.integer("filing.draft_days"),
        "can_withdraw": permissions.can(request.user, "withdraw", filing),
        "crumbs": [progress.home_crumb(), (progress.kind_name(filing), "")],
    }


def _status(request: Request, filing: Filing) -> dict[str, Any]:
    papers = progress.paper_ways(filing)
    return {
        "filing": filing,
        "state": progress.state_badge(filing),
        "sentence": progress.sentence(filing, request.today),
        "entries": progress.timeline(filing, papers),
        "papers": papers,
        "supplements": queries.supplements_of(filing),
        "can_supplement": permissions.can(request.user, "supplement", filing),
        "can_withdraw": permissions.can(request.user, "withdraw", filing),
        "closing": my_life.closing_words(filing),
        "can_revoke": my_life.can_revoke(request, filing),
        "crumbs": [progress.home_crumb(), (_("报送进度"), "")],
    }


@offers(Filing, "submit", key="number")
@own
def check(request: Request, filing: Filing) -> HttpResponse:
    """O11: everything on one page, what the pre-check remarks, and what is still missing."""
    return render(request, "my/check.html", _check(request, filing, in_force(request.today)))


def _check(request: Request, filing: Filing, law: Regulation) -> dict[str, Any]:
    """A change shows old beside new and ends with the declaration, so that it is one page."""
    prefetch_related_objects([filing], "sections", "certificates")
    sections = life.tasks_among(filing, queries.asked_sections(filing, law), law)
    found = [m for m in queries.precheck(filing, request.today, law) if m.section in sections]
    return {
        "filing": filing,
        "changes": my_life.changes(filing, law),
        "lines": DECLARATION.splitlines(),
        "form": None if filing.kind == FilingKind.INITIAL else _declared(filing, law)(),
        "another_place": life.names_another_place(filing, law),
        "parts": _parts(filing, law, sections),
        "remarks": [(remark, _place(filing, remark)) for remark in remarks(found, law)],
        "open_tasks": _open_tasks(filing, sections),
        "crumbs": progress.filing_crumbs(filing, _("核对并提交")),
    }


def _parts(filing: Filing, law: Regulation, sections: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": SECTION_NAMES[key],
            "rows": section_rows(key, section.answers or section.draft or {}, filing)
            if key in FORMS
            else _paper_rows(filing, law),
        }
        for key, section in sections.items()
    ]


def _paper_rows(filing: Filing, law: Regulation) -> list[tuple[Any, ...]]:
    materials = queries.required_for(filing, law) or []
    papers = {paper["material"]: paper for paper in queries.certificate_answers(filing)}
    names = {m.code: m.name for m in materials if m.required or m.code in papers}
    return paper_rows(papers, queries.files_by_material(filing), filing, names)


def _open_tasks(filing: Filing, sections: Any) -> list[tuple[Any, str]]:
    return [
        (SECTION_NAMES[key], reverse(f"my:{key}", args=[filing.number]))
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


@offers(Filing, "submit", key="number", after="my:done")
@own
def declaration(request: Request, filing: Filing) -> HttpResponse:
    """O10: read, tick, sign by name, send."""
    if not progress.is_ready(queries.asked_sections(filing, in_force(request.today))):
        return _not_ready(request, filing)
    form = _declaration_form(request, filing)
    if request.method == "POST" and form.is_valid():
        return _send(request, filing, form.cleaned_data)
    context = {
        "filing": filing,
        "form": form,
        "another_place": isinstance(form, PlaceDeclarationForm),
        "lines": DECLARATION.splitlines(),
        "crumbs": progress.filing_crumbs(filing, _("承诺书")),
    }
    return render(request, "my/declaration.html", context)


def _declared(filing: Filing, law: Regulation) -> type[DeclarationForm]:
    """The declaration, with a question where a change names another address."""
    return PlaceDeclarationForm if life.names_another_place(filing, law) else DeclarationForm


def _declaration_form(request: Request, filing: Filing) -> DeclarationForm | SignedDeclarationForm:
    """A tick and a name; at the counter the scan of what was signed on paper."""
    kind = _declared(filing, in_force(request.today))
    form: DeclarationForm | SignedDeclarationForm = kind(posted(request))
    if filing.source == FilingSource.COUNTER:
        form = SignedDeclarationForm(posted(request), request.FILES or None)
    form.cancel_url = reverse("my:check", args=[filing.number])
    return form


def _not_ready(request: Request, filing: Filing) -> HttpResponse:
    messages.warning(request, _("还有资料没有填完，填完后再提交。"))
    return redirect("my:check", number=filing.number)


def _send(request: Request, filing: Filing, values: dict[str, Any]) -> HttpResponse:
    name, by, at = values["declared_name"], request.actor, request.at
    try:
        if filing.source == FilingSource.COUNTER:
            scan = values["scan"]
            actions.submit_counter_filing(filing, name, DECLARATION, scan, by=by, at=at)
        else:
            same = values.get("place") == "corrected"
            actions.submit_filing(filing, name, DECLARATION, by=by, at=at, same_place=same)
    except actions.Incomplete:
        return _not_ready(request, filing)
    except actions.AnotherPlace:  # the address was changed on another page meanwhile
        return redirect("my:check", number=filing.number)
    return HttpResponseRedirect(reverse("my:done", args=[filing.number]), status=303)


@shows(Filing, key="number", roles=WRITERS)
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
            (_("最迟 %(day)s") % {"day": due}, _("街道审核资料，答复您是否登记，或请您补充材料")),
            ("", _("需要补充材料时，会在“消息”里告诉您，答复期限暂停计算")),
            ("", _("登记后，在“文书”里下载登记回执")),
        ],
        "actions": [{"label": _("查看进度"), "url": url, "icon": "clock-history"}],
        "crumbs": progress.filing_crumbs(filing, _("已提交")),
    }


@offers(Filing, "supplement", key="number")
@own
def supplement(request: Request, filing: Filing) -> HttpResponse:
    """A document that came to hand after sending."""
    form = SupplementForm(posted(request), request.FILES or None)
    form.cancel_url = reverse("my:filing", args=[filing.number])
    if request.method == "POST" and form.is_valid():
        return _supplement(request, filing, form.cleaned_data["file"])
    context = {
        "filing": filing,
        "form": form,
        "supplements": queries.supplements_of(filing),
        "crumbs": progress.filing_crumbs(filing, _("补充一份材料")),
    }
    return render(request, "my/supplement.html", context)


def _supplement(request: Request, filing: Filing, file: Accepted) -> HttpResponse:
    try:
        actions.supplement_filing(filing, file, by=request.actor, at=request.at)
    except attachments.UploadRefused as refused:
        messages.error(request, refused.message)
        return redirect("my:supplement", number=filing.number)
    messages.success(request, _("已补充，经办人会收到提醒。"))
    return redirect("my:filing", number=filing.number)


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
