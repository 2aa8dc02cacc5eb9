"""Besides the questions: heads and carers, papers of staff, what stands on no list."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models.choices import ClassType
from inspections import actions
from inspections.forms.field import HeadForm, OtherForm, RemarksForm, SampleForm, twice
from inspections.models import HeadCount, Inspection
from inspections.models.choices import Access
from inspections.queries import field as field_queries
from inspections.queries import visits as queries
from inspections.rules import outcomes
from inspections.views.desk.parts import sentence
from portal.core.pages import READ_AND_WRITE, Request, posted, shows
from portal.core.regulation import Regulation

from .team import (
    CARRIED_OUT,
    VISITORS,
    by_script,
    crumbs,
    of_team,
    page_of,
    refused,
    safe_here,
    see,
)

SPARE_LINES = 2
MOST_CLASSES = 60


def extra_parts(inspection: Inspection, law: Regulation, *, first: int) -> dict[str, Any]:
    """What the page of the questions shows after them."""
    return {
        "heads": _head_rows(inspection, law),
        "heads_part": first,
        "class_types": ClassType.choices,
        "staff": [_staff_row(person) for person in field_queries.staff_of(inspection)],
        "staff_part": first + 1,
        "others": field_queries.others_of(inspection),
        "others_part": first + 2,
        "remarks_form": RemarksForm(initial={"remarks": inspection.remarks}),
    }  # fmt: skip


def _head_rows(inspection: Inspection, law: Regulation) -> list[dict[str, Any]]:
    """The classes of the register with what was counted, and room for others."""
    counted = {count.label: count for count in queries.head_counts_of(inspection)}
    rows = [
        _head_row(group.name, group.class_type, counted.pop(group.name, None))
        for group in inspection.facility.classes.order_by("name", "id")
    ]
    rows += [_head_row(count.label, count.class_type, count) for count in counted.values()]
    return rows + [_head_row("", "", None) for _n in range(SPARE_LINES)]


def _head_row(label: str, class_type: str, count: HeadCount | None) -> dict[str, Any]:
    row: dict[str, Any] = {"label": label, "class_type": class_type}
    if count:
        facts = outcomes.HeadCount(label, count.children, count.carers, count.needed)
        row |= {"children": count.children, "carers": count.carers, "facts": facts}
    return row


def _staff_row(person: Any) -> dict[str, Any]:
    """A person of the list with what was found about his papers."""
    words = {None: "", True: "yes", False: "no"}
    in_order = words[person.is_in_order]
    return {"person": person, "in_order": in_order, "note": person.sample_note or ""}


def _answer(
    request: Request, inspection: Inspection, part: str, fault: str, sent: dict[str, Any]
) -> HttpResponse:
    """To the page itself, or back to the list; what was refused is shown as it was sent."""
    if by_script(request):
        return refused(fault) if fault else safe_here(inspection)
    here = reverse("desk:field_check", args=[inspection.number])
    if not fault:
        return see(f"{here}#{part}")
    context = {"inspection": inspection, "facility": inspection.facility, "fault": fault,
               "part": part, "crumbs": crumbs(inspection, (_("没有保存"), "")), "back": here,
               "class_types": ClassType.choices, **sent}  # fmt: skip
    return render(request, "inspections/field/fault.html", context)


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def heads(request: Request, inspection: Inspection) -> HttpResponse:
    """How many children and carers there are in each class; takes the place of before."""
    forms = [HeadForm(request.POST, prefix=f"head-{n}") for n in range(_lines(request))]
    bad = [form for form in forms if not form.is_valid()]
    fault = _first_words(bad[0]) if bad else ""
    if not fault and (label := twice(forms)):
        fault = _("%(label)s写了两次，请合并") % {"label": label}
    if not fault and inspection.access == Access.GRANTED:
        rows = [form.row for form in forms if form.is_counted]
        actions.count_heads(inspection, rows, by=request.actor, at=request.at)
    again = [{name: form[name].value() for name in form.fields} for form in forms]
    return _answer(request, inspection, "heads", fault, {"heads": again})


def _lines(request: Request) -> int:
    """How many lines the table had that was sent."""
    sent = [name for name in request.POST if name.startswith("head-") and name.endswith("-label")]
    return min(len(sent), MOST_CLASSES)


def _first_words(form: Any) -> str:
    label = form.data.get(f"{form.prefix}-label", "")
    words = next(str(word) for listed in form.errors.values() for word in listed)
    return f"{label}：{words}" if label else words


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def staff(request: Request, inspection: Inspection) -> HttpResponse:
    """Whose papers were looked at, and whether they were in order."""
    people = list(field_queries.staff_of(inspection))
    forms = [(person, SampleForm(request.POST, prefix=str(person.pk))) for person in people]
    bad = next((form for _person, form in forms if not form.is_valid()), None)
    if bad is None:
        for person, form in forms:
            _sample(request, inspection, person, form.cleaned_data)
    fault = next(str(w) for ws in bad.errors.values() for w in ws) if bad else ""
    again = [
        {"person": person, "in_order": form["in_order"].value(), "note": form["note"].value()}
        for person, form in forms
    ]
    return _answer(request, inspection, "staff", fault, {"staff": again})


def _sample(request: Request, inspection: Inspection, person: Any, given: dict[str, Any]) -> None:
    if given["in_order"]:
        actions.sample_staff(
            inspection, person, is_in_order=given["in_order"] == "yes", note=given["note"],
            by=request.actor, at=request.at,
        )  # fmt: skip


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def remarks(request: Request, inspection: Inspection) -> HttpResponse:
    """What is to be said about the visit as a whole."""
    form = RemarksForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data["remarks"]
        actions.keep_remarks(inspection, words, by=request.actor, at=request.at)
        return _answer(request, inspection, "others", "", {})
    fault = next(str(w) for ws in form.errors.values() for w in ws)
    return _answer(request, inspection, "others", fault, {"remarks_form": form})


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*CARRIED_OUT)
def other(request: Request, inspection: Inspection) -> HttpResponse:
    """Write down something that stands on no list."""
    form = OtherForm(posted(request))
    back = reverse("desk:field_check", args=[inspection.number]) + "#others"
    form.cancel_url = back
    if request.method == "POST" and form.is_valid() and _noted(request, inspection, form):
        return see(back)
    context = {"inspection": inspection, "facility": inspection.facility, "form": form,
               "heading": _("清单以外的问题"),
               "crumbs": crumbs(inspection, (_("清单以外的问题"), ""))}  # fmt: skip
    return render(request, "inspections/field/form.html", context)


def _noted(request: Request, inspection: Inspection, form: OtherForm) -> bool:
    given = dict(form.cleaned_data)
    if _same_again(inspection, given["text"]):
        return True
    try:
        actions.add_finding(inspection, given.pop("text"), by=request.actor, at=request.at, **given)
    except actions.DayNotAllowed as late:
        form.add_error("due_on", sentence(late))
        return False
    return True


def _same_again(inspection: Inspection, text: str) -> bool:
    """Whether the same words were written down already: the form was sent twice."""
    return any(finding.text == text for finding in field_queries.others_of(inspection))


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(*CARRIED_OUT)
def other_drop(request: Request, inspection: Inspection, id: uuid.UUID) -> HttpResponse:  # ruff: ignore[builtin-argument-shadowing]
    """Strike a note that was a mistake."""
    try:
        finding = inspection.findings.get(pk=id, item=None)
        actions.drop_finding(finding, by=request.actor, at=request.at)
    except ObjectDoesNotExist:
        return see(page_of(inspection))  # struck before: the form was sent twice
    return see(reverse("desk:field_check", args=[inspection.number]) + "#others")
