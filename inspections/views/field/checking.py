"""The questions on site (S17): one page that stands without a network, each part a plain form."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms.field import PhotoForm, QuestionForm
from inspections.models import ChecklistItem, Inspection
from inspections.models.choices import Access, AnswerValue
from inspections.queries import field as field_queries
from inspections.queries import visits as queries
from inspections.rules import deadlines
from inspections.views.desk.parts import photo as shown_photo
from inspections.views.desk.parts import sentence
from inspections.workflow import Severity
from portal.core.attachments import UploadRefused
from portal.core.models import Attachment
from portal.core.pages import READ_AND_WRITE, Request, shows
from portal.core.queries import in_force

from .extras import extra_parts
from .team import CARRIED_OUT, VISITORS, crumbs, of_team, page_of, refused, safe_here, see


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*CARRIED_OUT)
def checking(request: Request, inspection: Inspection) -> HttpResponse:
    """All parts of the list; without scripts each part is saved by its own button."""
    if inspection.access != Access.GRANTED:
        return see(reverse("desk:field_door", args=[inspection.number]))
    prefetch_related_objects([inspection], "findings")
    sections = queries.sections_of(inspection)
    if request.method in {"GET", "HEAD"}:
        return _page(request, inspection, sections, {})
    wanted = request.POST.get("part", "")
    part = next((s for s in sections if str(s.number) == wanted), None)
    if part is None:
        return see(reverse("desk:field_check", args=[inspection.number]))
    return _keep_part(request, inspection, part)


def _keep_part(request: Request, inspection: Inspection, part: queries.Section) -> HttpResponse:
    """Keep what was answered of one part; what was refused stands there with the reason."""
    wrong: dict[str, QuestionForm] = {}
    for question in part.questions:
        code = question.item.code
        if not request.POST.get(f"{code}-value"):
            continue
        form = QuestionForm(request.POST, request.FILES, prefix=code)
        if not form.is_valid() or not _kept(request, inspection, question.item, form):
            wrong[code] = form
    if wrong:
        inspection.refresh_from_db()  # the sound lines are kept: show them as they stand now
        return _page(request, inspection, queries.sections_of(inspection), wrong)
    here = reverse("desk:field_check", args=[inspection.number])
    if gone := request.POST.get("remove", ""):
        _remove(request, inspection, gone)
        return see(f"{here}#part-{part.number}")
    return see(f"{here}#part-{part.number + 1}")


def _kept(
    request: Request, inspection: Inspection, item: ChecklistItem, form: QuestionForm
) -> bool:
    try:
        actions.keep_question(
            inspection, item, form.given, photos=form.photos, by=request.actor, at=request.at
        )
    except actions.DayNotAllowed as late:
        form.add_error("due_on", sentence(late))
    except UploadRefused as too_much:
        form.add_error("photo", sentence(too_much))
    return form.is_valid()


def _remove(request: Request, inspection: Inspection, key: str) -> None:
    """Take a photo back; one that is not of this visit is left alone."""
    try:
        photo = Attachment.objects.of(inspection).present().get(pk=uuid.UUID(key))
    except (ValueError, ObjectDoesNotExist):
        return
    actions.remove_photo(inspection, photo, by=request.actor, at=request.at)


def _page(
    request: Request,
    inspection: Inspection,
    sections: list[queries.Section],
    wrong: dict[str, QuestionForm],
) -> HttpResponse:
    law = in_force(request.today)
    extras = extra_parts(inspection, law, first=len(sections) + 1)
    days = {grade: deadlines.correction_due(grade, request.today, law) for grade in Severity.values}
    context = {
        "inspection": inspection,
        "facility": inspection.facility,
        "parts": [_part(section, wrong, request.today) for section in sections],
        "wrong": wrong,
        "faults": [(code, form.words) for code, form in wrong.items()],
        "saved": field_queries.safe_in(sections),
        "days": [(grade, Severity(grade).label, day) for grade, day in days.items()],
        "phrases": law.texts("findings.phrases"),
        "requirements": law.texts("findings.requirements"),
        # Put into words once: the list stands at every question.
        "severities": [(grade, str(label)) for grade, label in Severity.choices],
        "part_count": len(sections) + 3,
        "crumbs": crumbs(inspection, (_("现场检查"), "")),
        "back": page_of(inspection),
        # The page stands open for an hour, often without a network: what is counted would be wrong.
        "task_count": 0,
        "unread_count": 0,
        **extras,
    }
    return render(request, "inspections/field/check.html", context)


def _part(section: queries.Section, wrong: dict[str, QuestionForm], today: Any) -> dict[str, Any]:
    lines = [_line(question, wrong.get(question.item.code)) for question in section.questions]
    return {"number": section.number, "name": section.name, "lines": lines,
            "answered": section.answered, "total": len(lines)}  # fmt: skip


def _line(question: queries.Question, form: QuestionForm | None) -> dict[str, Any]:
    """One question as the page shows it: what is kept, or what was sent and refused."""
    values = _sent(form) if form else _stored(question)
    return {
        "number": question.number,
        "item": question.item,
        "code": question.item.code,
        "choices": [
            (AnswerValue.PASS, _("符合"), "check-lg", "ok"),
            (AnswerValue.FAIL, _("不符合"), "x-lg", "danger"),
            (AnswerValue.NOT_APPLICABLE, _("不适用"), "slash-circle", "neutral"),
        ],
        "photos": [shown_photo(file) | {"key": file.pk} for file in question.photos],
        "error": form.words if form else "",
        **values,
    }


def _sent(form: QuestionForm) -> dict[str, Any]:
    names = ("value", "note", "measured", "text", "requirement", "severity", "due_on")
    found = {name: form[name].value() or "" for name in names}
    return found | {"fixed": bool(form["fixed"].value())}


def _stored(question: queries.Question) -> dict[str, Any]:
    answer, finding = question.answer, question.finding
    values: dict[str, Any] = {
        "value": answer.value if answer else "",
        "note": answer.note if answer else "",
        "measured": answer.measured if answer else "",
    }
    if finding is None:
        return values | {"text": "", "requirement": "", "severity": question.item.severity,
                         "due_on": "", "fixed": False}  # fmt: skip
    return values | {
        "text": finding.text,
        "requirement": finding.requirement,
        "severity": finding.severity,
        "due_on": finding.due_on.isoformat(),
        "fixed": finding.fixed_on_site,
    }


# --- what the page sends by itself ----------------------------------------------------------------


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def answer(request: Request, inspection: Inspection) -> HttpResponse:
    """Keep one answer as it is given; the same token again changes nothing."""
    item = _item(request, inspection)
    form = QuestionForm(request.POST)
    if item is None:
        return refused(_("这次检查的清单里没有这一项，请刷新页面"))
    if not form.is_valid():
        return refused(form.words)
    try:
        kept = actions.keep_question(inspection, item, form.given, by=request.actor, at=request.at)
    except (actions.DayNotAllowed, actions.NotYetShown) as problem:
        return refused(_why(problem))
    if kept.value != form.given.value:  # given later on another phone, as far as the clocks tell
        later = _("已经有更晚的结果：%(value)s。要改，请刷新页面再选")
        return refused(later % {"value": kept.get_value_display()})
    return safe_here(inspection, item=item.code, value=kept.value)


def _item(request: Request, inspection: Inspection) -> ChecklistItem | None:
    try:
        code = request.POST.get("item", "")[:10].replace("\0", "")
        return field_queries.item_of(inspection, code)
    except ObjectDoesNotExist:
        return None


def _why(problem: Exception) -> str:
    if isinstance(problem, actions.NotYetShown):
        return _("请先登记亮证和到场情况")
    return sentence(problem)


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def photo(request: Request, inspection: Inspection) -> HttpResponse:
    """Keep one photo; its SHA-256 as it arrived is the receipt."""
    item = _item(request, inspection)
    form = PhotoForm(request.POST, request.FILES)
    if item is None:
        return refused(_("这次检查的清单里没有这一项，请刷新页面"))
    if not form.is_valid():
        return refused("；".join(str(w) for words in form.errors.values() for w in words))
    picture = form.cleaned_data["photo"]
    try:
        kept = actions.add_photo(inspection, item, picture, by=request.actor, at=request.at)
    except UploadRefused as too_much:
        return refused(sentence(too_much))
    return safe_here(inspection, receipt=kept.sha256_received, photo=shown_photo(kept),
                     key=str(kept.pk))  # fmt: skip
