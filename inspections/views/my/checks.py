"""The facility's own monthly check (O20), with the questions of the same engine."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility
from inspections import actions
from inspections.forms.answering import HandInForm, SelfAnswerForm
from inspections.models import ChecklistItem, SelfCheck
from inspections.models.choices import AnswerValue
from inspections.queries import field as queries
from inspections.rules import outcomes
from inspections.views.desk.parts import photo as shown_photo
from inspections.workflow import SelfCheckStatus
from portal.core.attachments import UploadRefused
from portal.core.pages import READ_AND_WRITE, Request, lists, offers, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role

from .own import home_crumb, of_mine


@lists(SelfCheck, roles=[Role.OPERATOR])
def self_checks(request: Request) -> HttpResponse:
    """What is due this month, and the months before."""
    user = request.user
    context = {
        "due": queries.without_check_of(user, request.today),
        "month": request.today.replace(day=1),
        "page": page_of(request, queries.checks_of(user)),
        "crumbs": [home_crumb(), (_("安全自查"), "")],
    }
    return render(request, "my/inspections/self_checks.html", context)


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=("POST",))
def self_check_start(request: Request, facility: Facility) -> HttpResponse:
    """Begin this month's check, or go on with it."""
    if not queries.supervised_of(request.user).filter(pk=facility.pk).exists():
        return redirect("my:self_checks")
    made = actions.start_self_check(facility, by=request.actor, at=request.at)
    return redirect("my:self_check", id=made.pk)


@shows(SelfCheck, roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@of_mine()
def self_check(request: Request, check: SelfCheck) -> HttpResponse:
    """The questions; each part is kept by its own button, nothing has to be done at once."""
    parts = queries.check_lines(check)
    wrong: dict[str, SelfAnswerForm] = {}
    if request.method == "POST" and check.state == SelfCheckStatus.OPEN:
        number = _part_of(request, parts)
        wrong = _keep(request, check, parts[number])
        if not wrong:
            url = reverse("my:self_check", args=[check.pk])
            return redirect(f"{url}#part-{number + 2}")
    return _page(request, check, parts, wrong)


def _part_of(request: Request, parts: list[dict[str, Any]]) -> int:
    """Which part was sent; the first where none is named."""
    wanted = request.POST.get("part", "")[:4]
    number = int(wanted) - 1 if wanted.isascii() and wanted.isdigit() else 0
    return max(0, min(number, len(parts) - 1))


def _keep(request: Request, check: SelfCheck, part: dict[str, Any]) -> dict[str, SelfAnswerForm]:
    """Keep what was answered; gives what was refused, with the reason."""
    wrong = {}
    for line in part["lines"]:
        code = line["item"].code
        if not request.POST.get(f"{code}-value"):
            continue
        form = SelfAnswerForm(request.POST, request.FILES, prefix=code)
        if not form.is_valid() or not _kept(request, check, line["item"], form):
            wrong[code] = form
    return wrong


def _kept(request: Request, check: SelfCheck, item: ChecklistItem, form: SelfAnswerForm) -> bool:
    try:
        actions.answer_self_check(check, item, by=request.actor, at=request.at, **form.cleaned_data)
    except UploadRefused as too_much:
        form.add_error("photo", too_much.message)
    return form.is_valid()


def _page(
    request: Request,
    check: SelfCheck,
    parts: list[dict[str, Any]],
    wrong: dict[str, SelfAnswerForm],
) -> HttpResponse:
    for part in parts:
        for line in part["lines"]:
            _dress(line, wrong.get(line["item"].code))
    lines = [line for part in parts for line in part["lines"]]
    context = {
        "check": check,
        "facility": check.facility,
        "parts": parts,
        "answered": sum(line["answer"] is not None for line in lines),
        "total": len(lines),
        "is_open": check.state == SelfCheckStatus.OPEN,
        "faults": [(code, _words(form)) for code, form in wrong.items()],
        "crumbs": [home_crumb(), (_("安全自查"), reverse("my:self_checks")), (_month(check), "")],
    }
    return render(request, "my/inspections/self_check.html", context)


def _month(check: SelfCheck) -> str:
    return _("%(year)s年%(month)s月") % {"year": check.month.year, "month": check.month.month}


def _dress(line: dict[str, Any], form: SelfAnswerForm | None) -> None:
    """One question as the page shows it: what is kept, or what was sent and refused."""
    answer = line["answer"]
    for name in ("value", "note", "measured"):
        kept = getattr(answer, name) if answer else ""
        line[name] = (form[name].value() or "") if form else kept
    line["code"] = line["item"].code
    line["error"] = _words(form) if form else ""
    line["photos"] = [shown_photo(file) for file in line["photos"]]
    line["choices"] = [
        (AnswerValue.PASS, _("符合"), "check-lg", "ok"),
        (AnswerValue.FAIL, _("不符合"), "x-lg", "danger"),
        (AnswerValue.NOT_APPLICABLE, _("不适用"), "slash-circle", "neutral"),
    ]


def _words(form: SelfAnswerForm) -> str:
    return "；".join(str(words) for listed in form.errors.values() for words in listed)


@offers(SelfCheck, "submit")
@of_mine("selfcheck.submit")
def self_check_submit(request: Request, check: SelfCheck) -> HttpResponse:
    """Hand the month in; what is missing is listed with the way there."""
    form = HandInForm(posted(request))
    form.cancel_url = reverse("my:self_check", args=[check.pk])
    missing: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            note = form.cleaned_data["note"]
            actions.submit_self_check(check, note=note, by=request.actor, at=request.at)
        except actions.Unfinished as unfinished:
            missing = _missing(check, unfinished)
        else:
            messages.success(request, _("本月自查已提交。"))
            return redirect("my:self_check", id=check.pk)
    context = {"check": check, "facility": check.facility, "form": form, "missing": missing}
    context["crumbs"] = _way_to(_("提交"))
    return render(request, "my/inspections/self_check_submit.html", context)


def _way_to(word: str) -> list[tuple[str, str]]:
    return [home_crumb(), (_("安全自查"), reverse("my:self_checks")), (word, "")]


def _missing(check: SelfCheck, unfinished: actions.Unfinished) -> list[dict[str, str]]:
    words = {
        outcomes.PHOTO_MISSING: _("还没有照片"),
        outcomes.TOO_LOW: _("数值低于下限，不能记为符合"),
    }
    here = reverse("my:self_check", args=[check.pk])
    return [
        {"code": code, "words": words.get(what, _("还没有结果")), "url": f"{here}#item-{code}"}
        for code, what in unfinished.missing
    ]
