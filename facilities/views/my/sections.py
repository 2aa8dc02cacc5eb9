"""The sections that are one form: a page each, saved by hand and by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries
from facilities.forms import FORMS, SECTION_NAMES, SectionForm
from facilities.models import CorrectionItem, Filing, FilingSection
from facilities.models.choices import FilingKind, SectionKey
from portal.core.pages import Request, offers, posted
from portal.core.queries import in_force

from . import life
from .answers import differences
from .own import own
from .progress import asked_here, corrections_of, filing_crumbs, is_open

Asked = Mapping[str, Sequence[CorrectionItem]]


@offers(Filing, "edit", key="number")
@own
def registration(request: Request, filing: Filing) -> HttpResponse:
    """O4: who the facility is."""
    return _section(request, filing, "registration")


@offers(Filing, "edit", key="number")
@own
def premises(request: Request, filing: Filing) -> HttpResponse:
    """O5: the premises and the classes."""
    return _section(request, filing, "premises")


@offers(Filing, "edit", key="number")
@own
def services(request: Request, filing: Filing) -> HttpResponse:
    """O6: what the facility offers, when and for how much."""
    return _section(request, filing, "services")


@offers(Filing, "edit", key="number")
@own
def safety(request: Request, filing: Filing) -> HttpResponse:
    """O9: cameras, alarm, guards, fire safety and plans."""
    return _section(request, filing, "safety")


@offers(Filing, "edit", key="number")
@own
def closure(request: Request, filing: Filing) -> HttpResponse:
    """O14: the plan of a closure."""
    return _section(request, filing, "closure")


@offers(Filing, "edit", key="number")
@own
def autosave(request: Request, filing: Filing, section: str) -> HttpResponse:
    """What the page sends by itself while somebody types; a small answer for htmx."""
    if section not in FORMS or section == SectionKey.STAFF:  # the list of people has no boxes
        raise Http404
    if request.method != "POST":
        return redirect(f"my:{section}", number=filing.number)
    form = _form(request, filing, _asked(request, filing, section))
    answers = form.answers if form.is_valid() else None
    try:
        kept = actions.autosave_section(
            filing, section, form.draft, answers,
            version=form.sent_version, by=request.actor, at=request.at,
        )  # fmt: skip
    except (actions.Stale, actions.SectionLocked):
        return render(request, "my/_not_saved.html", status=409)
    return saved_fragment(request, kept.version)


def saved_fragment(request: Request, version: int) -> HttpResponse:
    """已保存 10:42, and the version the next save of the page carries."""
    context = {"version": version, "saved_at": request.at}
    response = render(request, "my/_saved.html", context)
    response["X-Saved"] = str(version)
    return response


def _section(request: Request, filing: Filing, key: str) -> HttpResponse:
    section = _asked(request, filing, key)
    asked = corrections_of(queries.correction_list(filing).filter(is_sent=True))
    if not is_open(filing, section, set(asked)):
        return locked(request, filing, key)
    form = _form(request, filing, section)
    if request.method == "POST":
        return _save(request, filing, form, asked)
    return _page(request, filing, form, asked)


def _asked(request: Request, filing: Filing, key: str) -> FilingSection:
    """The section, or 404 where this kind of facility is not asked for it."""
    section = queries.asked_sections(filing, in_force(request.today)).get(key)
    if section is None:
        raise Http404
    return section


def _form(request: Request, filing: Filing, section: FilingSection) -> SectionForm:
    stored = section.draft or section.answers or {}
    form = FORMS[section.key]
    about = {name: _ABOUT[name](request, filing) for name in form.needs}
    return form(posted(request), stored=stored, version=section.version, **about)


# What a form may ask about the filing it belongs to (SectionForm.needs).
_ABOUT: Mapping[str, Callable[[Request, Filing], Any]] = {
    "user": lambda request, _filing: request.user,
    "law": lambda request, _filing: in_force(request.today),
    "today": lambda request, _filing: request.today,
    "facility": lambda _request, filing: filing.facility,
    "facility_type": lambda _request, filing: queries.kind_of(filing),
    "usual": lambda request, filing: queries.usual_services(filing, in_force(request.today)),
    "guards_listed": lambda request, filing: queries.guards_listed(filing, in_force(request.today)),
    "serves_meals": lambda _request, filing: queries.meals_of(filing),
}


def locked(request: Request, filing: Filing, key: str) -> HttpResponse:
    """The correction does not name this section: back to the list, with a word why."""
    text = _("这次补正不用修改“%(section)s”，需要改动请联系街道。")
    messages.info(request, text % {"section": SECTION_NAMES[key]})
    return redirect("my:filing", number=filing.number)


def _save(request: Request, filing: Filing, form: SectionForm, asked: Asked) -> HttpResponse:
    """Keep what was typed in any case; go on only where nothing is left to mend."""
    key = form.key
    draft, answers, target = _wanted(request, filing, form, key)
    try:
        kept = actions.save_section(
            filing, key, draft, answers,
            version=form.sent_version, by=request.actor, at=request.at,
        )  # fmt: skip
    except actions.Stale as stale:
        return _stale(request, filing, form, stale.section, asked)
    except actions.SectionLocked:
        return locked(request, filing, key)
    if target:
        return HttpResponseRedirect(target, status=303)
    _tell_version(form, kept.version)
    return _page(request, filing, form, asked)


def _wanted(
    request: Request, filing: Filing, form: Any, key: str
) -> tuple[dict[str, Any], dict[str, Any] | None, str]:
    """Draft, answers and the next page for the button that was pressed; no page: show errors."""
    here = reverse(f"my:{key}", args=[filing.number])
    if form.rows_name and "add_row" in request.POST:
        draft = form.draft_with_row()
        last = len(draft[form.rows_name]) - 1
        return draft, None, f"{here}#id_{form.rows_name}-{last}-{form.rows_field}"
    if form.rows_name and (number := request.POST.get("remove_row")):
        return form.draft_without_row(number), None, f"{here}#{form.rows_name}"
    home = reverse("my:filing", args=[filing.number])
    if form.is_valid():
        if "later" not in request.POST:
            messages.success(request, _("“%(section)s”已保存。") % {"section": SECTION_NAMES[key]})
        return form.draft, form.answers, _next_page(request, home, filing, key)
    return form.draft, None, home if "later" in request.POST else ""


def _next_page(request: Request, home: str, filing: Filing, key: str) -> str:
    """Back to the check page when the person came from there."""
    if filing.kind != FilingKind.INITIAL:
        return life.next_page(request, filing, done=key)
    from_check = request.GET.get("from") == "check"
    return reverse("my:check", args=[filing.number]) if from_check else home


def _tell_version(form: SectionForm, version: int) -> None:
    form.data = form.data.copy()
    form.data["version"] = str(version)


def _stale(
    request: Request, filing: Filing, form: SectionForm, stored: FilingSection, asked: Asked
) -> HttpResponse:
    """Both texts on one page: what stands here, what was saved elsewhere; nothing is lost."""
    form.is_valid()
    when = stored.updated_at or request.at
    form.mark_stale(who=stored.updated_by, at=when, current=stored.version)
    others = differences(stored.key, stored.draft or {}, form.draft)
    return _page(request, filing, form, asked, others=others)


def _page(
    request: Request, filing: Filing, form: SectionForm, asked: Asked, **more: Any
) -> HttpResponse:
    name = SECTION_NAMES[form.key]
    context = {
        "filing": filing,
        "form": form,
        "section": form.key,
        "heading": name,
        "asked": asked_here(asked.get(form.key, [])),
        "crumbs": filing_crumbs(filing, name),
        "page_has_errors": form.is_bound and not form.is_valid(),
        **more,
    }
    return render(request, f"my/{form.key}.html", context)
