"""The people of a filing: the list with its ratio, a page for each person, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.forms import SECTION_NAMES, remarks
from facilities.forms.staff import StaffPersonForm
from facilities.forms.staff_section import person_title
from facilities.forms.staff_table import StaffTableForm, judge
from facilities.models import Filing, FilingSection
from facilities.models.choices import MealSource, SectionKey, StaffPost
from facilities.views.staff_words import needs, paper_badge, report_of
from portal.core.identifiers import identity_problem, mask_identity, uuid7
from portal.core.pages import Request, offers, posted
from portal.core.queries import in_force
from portal.core.regulation import Regulation

from .own import own
from .progress import asked_here, corrections_of, filing_crumbs, is_open
from .sections import locked

KEY = str(SectionKey.STAFF)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages of this part need to know of a filing, read once."""

    filing: Filing
    law: Regulation
    sections: Mapping[str, FilingSection]
    rows: list[dict[str, Any]]
    typed: dict[str, dict[str, Any]]
    asked: list[tuple[str, str]]
    is_open: bool

    def row(self, row_id: UUID) -> dict[str, Any] | None:
        """The person of that id, or None for one who is being added."""
        return next((row for row in self.rows if row["id"] == str(row_id)), None)

    def facts(self, rows: Sequence[Mapping[str, Any]] | None = None) -> rules.StaffFacts:
        """The people and the classes as the rules take them."""
        return queries.filing_staff_facts(self.sections, self.rows if rows is None else rows)


def _desk(request: Request, filing: Filing) -> Desk:
    law = in_force(request.today)
    prefetch_related_objects([filing], "sections")
    sections = queries.asked_sections(filing, law)
    if KEY not in sections:
        raise Http404
    section = sections[KEY]
    stored = section.draft or section.answers or {}
    asked = corrections_of(queries.correction_list(filing).filter(is_sent=True))
    return Desk(
        filing=filing,
        law=law,
        sections=sections,
        rows=stored.get("staff", []),
        typed=stored.get("typed", {}),
        asked=asked_here(asked.get(KEY, [])),
        is_open=is_open(filing, section, set(asked)),
    )


@offers(Filing, "edit", key="number")
@own
def staff(request: Request, filing: Filing) -> HttpResponse:
    """O7: who works there, what is missing, and the ratio of every class."""
    desk = _desk(request, filing)
    if not desk.is_open:
        return locked(request, filing, KEY)
    if "import" in request.POST:
        return _import(request, desk)
    if request.method == "POST" and desk.rows:
        return _finish(request, filing)
    is_sent = request.method == "POST"
    context = _list(desk, _table(desk), has_errors=is_sent) | {"is_empty_sent": is_sent}
    return render(request, "my/staff.html", context)


def _finish(request: Request, filing: Filing) -> HttpResponse:
    try:
        actions.finish_staff(filing, by=request.actor, at=request.at)
    except actions.SectionLocked:
        return locked(request, filing, KEY)
    except actions.Incomplete:
        return redirect("my:staff", number=filing.number)
    messages.success(request, _("“%(section)s”已保存。") % {"section": SECTION_NAMES[KEY]})
    name = "my:check" if request.GET.get("from") == "check" else "my:filing"
    return HttpResponseRedirect(reverse(name, args=[filing.number]), status=303)


def _list(desk: Desk, table: StaffTableForm, *, has_errors: bool = False) -> dict[str, Any]:
    facts = desk.facts()
    found = [m for m in rules.check_staff(facts, desk.law) if not _is_need(m)]
    return {
        "filing": desk.filing,
        "people": [_person(desk, number, row) for number, row in enumerate(desk.rows)],
        "unfinished": _unfinished(desk),
        "staffing": needs(rules.staffing(facts, desk.law)),
        "remarks": remarks(found, desk.law) if desk.rows else [],
        "add_url": reverse("my:staff_person", args=[desk.filing.number, uuid7()]),
        "asked": desk.asked,
        "table": table,
        "page_has_errors": has_errors,
        "crumbs": filing_crumbs(desk.filing, SECTION_NAMES[KEY]),
    }


def _is_need(miss: rules.Miss) -> bool:
    """Whether the panel of the ratio says it already."""
    return miss.code in {"staff_carers_short", "staff_post_short"}


def _person(desk: Desk, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    person = queries.person_facts(row)
    letter = rules.paper_end("letter", person.letter_on, None, desk.law)
    return {
        "number": number,
        "row": row,
        "post": dict(StaffPost.choices)[row["post"]],
        "identity": mask_identity(row["identity"]),
        "health": paper_badge(person.health_until, desk.law, present=bool(person.health_until)),
        "letter": paper_badge(letter, desk.law, present=bool(person.letter_on)),
        "url": reverse("my:staff_person", args=[desk.filing.number, row["id"]]),
        "remove_url": reverse("my:staff_person_remove", args=[desk.filing.number, row["id"]]),
    }


def _unfinished(desk: Desk) -> list[dict[str, Any]]:
    """People somebody began to type and has not saved."""
    known = {row["id"] for row in desk.rows}
    return [
        {
            "name": typed.get("name") or _("还没有填姓名"),
            "url": reverse("my:staff_person", args=[desk.filing.number, key]),
            "remove_url": reverse("my:staff_person_remove", args=[desk.filing.number, key]),
        }
        for key, typed in desk.typed.items()
        if key not in known
    ]


# --- one person ---------------------------------------------------------------------------------


@offers(Filing, "edit", key="number")
@own
def staff_person(request: Request, filing: Filing, row: UUID) -> HttpResponse:
    """One person: post, number, papers."""
    desk = _desk(request, filing)
    if not desk.is_open:
        return locked(request, filing, KEY)
    form = _form(request, desk, row)
    if request.method == "POST" and form.is_valid():
        return _save(request, desk, row, form)
    return _page(request, desk, row, form)


@offers(Filing, "edit", key="number")
@own
def staff_person_autosave(request: Request, filing: Filing, row: UUID) -> HttpResponse:
    """What is typed about a person, and the ratio as it would be with him."""
    if request.method != "POST":
        return redirect("my:staff_person", number=filing.number, row=row)
    desk = _desk(request, filing)
    form = _form(request, desk, row)
    form.is_valid()
    try:
        actions.keep_staff_typing(filing, row, form.typed, by=request.actor, at=request.at)
    except actions.SectionLocked:
        return render(request, "my/_not_saved.html", status=409)
    return _typed_fragment(request, desk, row, form)


def _typed_fragment(
    request: Request, desk: Desk, row_id: UUID, form: StaffPersonForm
) -> HttpResponse:
    typed = form.typed
    rows = [row for row in desk.rows if row["id"] != str(row_id)]
    if typed["post"]:
        rows.append({"name": "", "identity": "", "post": typed["post"],
                     "has_food_duty": typed["has_food_duty"]})  # fmt: skip
    context = {
        "version": form.sent_version,
        "saved_at": request.at,
        "staffing": needs(rules.staffing(desk.facts(rows), desk.law)),
    }
    response = render(request, "my/_staff_saved.html", context)
    response["X-Saved"] = str(form.sent_version)
    return response


def _form(request: Request, desk: Desk, row_id: UUID) -> StaffPersonForm:
    row = desk.row(row_id) or {}
    typed = desk.typed.get(str(row_id))
    stored: dict[str, Any] = {**row, **(typed or {}), "version": row.get("version", 0)}
    form = StaffPersonForm(
        posted(request),
        stored=stored,
        kept=_sound(stored.get("identity") or ""),
        others={each["identity"]: each["name"] for each in desk.rows if each["id"] != str(row_id)},
        today=request.today,
    )
    services = desk.sections.get(SectionKey.SERVICES)
    meals = ((services.answers or services.draft or {}) if services else {}).get("meal_source")
    if meals != MealSource.CATERED and not stored.get("has_food_duty"):
        form.fields["has_food_duty"].widget = form.fields["has_food_duty"].hidden_widget()
    return form


def _sound(number: str) -> str:
    """A whole number is shown masked; a half-typed one is shown as it is, to be finished."""
    return "" if identity_problem(number) else number


def _save(request: Request, desk: Desk, row_id: UUID, form: StaffPersonForm) -> HttpResponse:
    filing = desk.filing
    try:
        actions.keep_staff_row(
            filing, row_id, form.values, version=form.sent_version,
            by=request.actor, at=request.at,
        )  # fmt: skip
    except actions.Stale as stale:
        return _stale(request, desk, row_id, form, stale.section)
    except actions.SectionLocked:
        return locked(request, filing, KEY)
    messages.success(request, _("已保存：%(name)s") % {"name": form.values["name"]})
    if "more" in request.POST:
        target = reverse("my:staff_person", args=[filing.number, uuid7()])
    else:
        target = reverse("my:staff", args=[filing.number])
    return HttpResponseRedirect(target, status=303)


def _stale(
    request: Request, desk: Desk, row_id: UUID, form: StaffPersonForm, section: FilingSection
) -> HttpResponse:
    """Somebody saved this person meanwhile; both texts stand on one page."""
    stored: dict[str, Any] = next(
        (r for r in (section.draft or {}).get("staff", []) if r["id"] == str(row_id)), {}
    )
    when = section.updated_at or request.at
    form.mark_stale(who=section.updated_by, at=when, current=stored.get("version", 0))
    others = [
        (form.fields[name].label, _readable(name, stored.get(name)), _readable(name, value))
        for name, value in form.values.items()
        if stored.get(name) != value
    ]
    return _page(request, desk, row_id, form, others=others)


def _readable(name: str, value: Any) -> str:
    if name == "identity":
        return mask_identity(value or "")
    return "" if value is None else str(value)


def _page(
    request: Request, desk: Desk, row_id: UUID, form: StaffPersonForm, **more: Any
) -> HttpResponse:
    number = desk.filing.number
    row = desk.row(row_id)
    heading = _("修改：%(name)s") % {"name": row["name"]} if row else _("添加人员")
    context = {
        "filing": desk.filing,
        "form": form,
        "heading": heading,
        "row_id": row_id,
        "staffing": needs(rules.staffing(desk.facts(), desk.law)),
        "asked": desk.asked,
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": [
            *filing_crumbs(desk.filing),
            (SECTION_NAMES[KEY], reverse("my:staff", args=[number])),
            (heading, ""),
        ],
        **more,
    }
    return render(request, "my/staff_person.html", context)


@offers(Filing, "edit", key="number")
@own
def staff_person_remove(request: Request, filing: Filing, row: UUID) -> HttpResponse:
    """Ask once, then take the person off the list."""
    desk = _desk(request, filing)
    if not desk.is_open:
        return locked(request, filing, KEY)
    if request.method != "POST":
        return _ask_removal(request, desk, row)
    actions.remove_staff_row(filing, row, by=request.actor, at=request.at)
    messages.success(request, _("已从名单里删除。"))
    return HttpResponseRedirect(reverse("my:staff", args=[filing.number]), status=303)


def _ask_removal(request: Request, desk: Desk, row_id: UUID) -> HttpResponse:
    row = desk.row(row_id) or desk.typed.get(str(row_id))
    if row is None:
        return redirect("my:staff", number=desk.filing.number)
    context = {
        "filing": desk.filing,
        "person": person_title(row),
        "effects": [_("这个人的内容会一起删除，需要时请重新填写")],
        "back": reverse("my:staff", args=[desk.filing.number]),
        "crumbs": filing_crumbs(desk.filing, _("删除人员")),
    }
    return render(request, "my/staff_remove.html", context)


# --- many at once -------------------------------------------------------------------------------


def _import(request: Request, desk: Desk) -> HttpResponse:
    """From Excel or pasted: the sound rows come in, the others are told one by one."""
    form = _table(desk, posted(request), request.FILES or None)
    if not form.is_valid():
        return render(request, "my/staff.html", _list(desk, form, has_errors=True))
    report = _bring_in(request, desk, form)
    desk.filing.refresh_from_db()  # and forget the list as it was
    fresh = _desk(request, desk.filing)
    context = _list(fresh, _table(fresh)) | {"report": report}
    return render(request, "my/staff.html", context)


def _table(desk: Desk, data: Any = None, files: Any = None) -> StaffTableForm:
    return StaffTableForm(data, files=files, most=desk.law.integer("staff.rows_max"))


def _bring_in(request: Request, desk: Desk, form: StaffTableForm) -> dict[str, Any]:
    """Keep the sound rows; what came of all of them, for the page."""
    present = {row["identity"]: row["name"] for row in desk.rows}
    judged = judge(form.read.rows, present, today=request.today)
    added, changed = (0, 0)
    if judged.sound:
        added, changed = actions.import_staff_rows(
            desk.filing, judged.sound, by=request.actor, at=request.at
        )
    return report_of(judged, form.read, added, changed)
