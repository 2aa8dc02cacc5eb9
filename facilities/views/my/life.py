"""Changes and closures: what changed, then only that; closing ahead of its day (O14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.forms import FORMS, SECTION_NAMES
from facilities.forms.life import ChangeForm, ClosureStartForm, ElsewhereForm
from facilities.models import Facility, Filing
from facilities.models.choices import ChangeTile, FilingKind
from facilities.queries import life
from facilities.rules import life as life_rules
from facilities.workflow import FilingStatus
from portal.core import permissions
from portal.core.pages import Request, makes, offers, posted
from portal.core.queries import in_force, working_calendar
from portal.core.regulation import Regulation
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from .answers import differences, paper_differences
from .own import own
from .progress import filing_crumbs, home_crumb


@makes(Filing, roles=[Role.OPERATOR])
def change_new(request: Request) -> HttpResponse:
    """What has changed; only those parts become tasks."""
    law, facilities = in_force(request.today), list(life.facilities_of(request.user))
    if not facilities:
        return _none(request, _("报送变更"))
    initial = {"tiles": [request.GET.get("tile", "")]}
    tiles = life_rules.change_tiles(law)
    form = ChangeForm(posted(request), facilities=facilities, tiles=tiles, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _start(request, form.chosen, form.cleaned_data)
    context = {"form": form, "facilities": facilities, "others": _others(facilities, law)}
    context |= {"crumbs": [home_crumb(), (_("报送变更"), "")], "due": _due(request.today, law)}
    context["open_filings"] = life.open_filings(facilities)
    return render(request, "my/change_new.html", context)


def _due(today: dt.date, law: Regulation) -> dict[str, Any]:
    """How long there is to report what changed, and until when for a change of today."""
    last = rules.change_report_due(today, law, working_calendar())
    return {"days": law.integer("filing.change_report_working_days"), "last": last}


def _start(request: Request, facility: Facility, given: dict[str, Any]) -> HttpResponse:
    try:
        filing = actions.start_change(
            facility, given["tiles"], given["token"], by=request.actor, at=request.at
        )
    except actions.OpenFilingExists as standing:
        return _on_the_way(request, standing.filing)
    return HttpResponseRedirect(next_page(request, filing), status=303)


def _on_the_way(request: Request, filing: Filing) -> HttpResponse:
    facts = {"kind": filing.get_kind_display(), "number": filing.number}
    messages.info(request, _("这家机构已有一份%(kind)s（%(number)s）还没有办完。") % facts)
    return redirect("my:filing", number=filing.number)


def _others(facilities: list[Facility], law: Regulation) -> list[dict[str, Any]]:
    """What is reported elsewhere: at once, as another facility, as a closure."""
    first = facilities[0]
    found = []
    if life_rules.takes_effect_at_once("enrolment", law):
        url = reverse("my:enrolment", args=[first.code])
        found.append({"label": ChangeTile.ENROLMENT.label, "url": url,
                      "text": _("马上生效，不用审核")})  # fmt: skip
    found += [
        {
            "label": tile.label,
            "url": reverse("my:elsewhere_new"),
            "text": _("另一处地方，要重新报送登记"),
        }
        for tile in (ChangeTile.MOVE, ChangeTile.BRANCH)
        if life_rules.needs_new_filing(tile, law)
    ]
    found.append({"label": ChangeTile.CLOSING.label, "url": reverse("my:closure_new"),
                  "text": _("提前报送停办安排")})  # fmt: skip
    return found


def _none(request: Request, title: str) -> HttpResponse:
    context = {"heading": title, "crumbs": [home_crumb(), (title, "")]}
    return render(request, "my/life_none.html", context)


@makes(Filing, roles=[Role.OPERATOR])
def closure_new(request: Request) -> HttpResponse:
    """What closing asks for, and the way to the form."""
    law, facilities = in_force(request.today), list(life.facilities_of(request.user))
    if not facilities:
        return _none(request, _("报送停办"))
    form = ClosureStartForm(posted(request), facilities=facilities)
    if request.method == "POST" and form.is_valid():
        return _start_closure(request, form)
    context = {
        "form": form,
        "facilities": facilities,
        "days": law.integer("filing.closure_notice_days"),
        "open_filings": life.open_filings(facilities),
        "crumbs": [home_crumb(), (_("报送停办"), "")],
    }
    return render(request, "my/closure_new.html", context)


@makes(Filing, roles=[Role.OPERATOR])
def elsewhere_new(request: Request) -> HttpResponse:
    """Another place is another record: why, and the way to the new report (prod:B17)."""
    facilities = list(life.facilities_of(request.user))
    if not facilities:
        return _none(request, _("搬迁或者开办分园"))
    form = ElsewhereForm(posted(request), facilities=facilities)
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        filing = actions.start_elsewhere(form.chosen, token, by=request.actor, at=request.at)
        return HttpResponseRedirect(reverse("my:filing", args=[filing.number]), status=303)
    crumbs = [home_crumb(), (_("搬迁或者开办分园"), "")]
    context = {"form": form, "facilities": facilities, "crumbs": crumbs}
    return render(request, "my/elsewhere_new.html", context)


def _start_closure(request: Request, form: ClosureStartForm) -> HttpResponse:
    token = form.cleaned_data["token"]
    try:
        filing = actions.start_closure(form.chosen, token, by=request.actor, at=request.at)
    except actions.OpenFilingExists as standing:
        return _on_the_way(request, standing.filing)
    return HttpResponseRedirect(next_page(request, filing), status=303)


@offers(Filing, "revoke", key="number")
@own
def closure_revoke(request: Request, filing: Filing) -> HttpResponse:
    """Take a granted closure back before its day."""
    back = reverse("my:filing", args=[filing.number])
    if filing.kind != FilingKind.CLOSURE:
        return HttpResponseRedirect(back)
    if request.method == "POST":
        return _revoke(request, filing, back)
    context = {
        "filing": filing,
        "effects": [
            _("机构继续运营，停办日期取消"),
            _("停办登记回执作废；以后要停办，需要重新报送"),
        ],
        "back": back,
        "crumbs": filing_crumbs(filing, _("撤回停办")),
    }
    return render(request, "my/closure_revoke.html", context)


def _revoke(request: Request, filing: Filing, back: str) -> HttpResponse:
    try:
        actions.revoke_closure(filing, by=request.actor, at=request.at)
        messages.success(request, _("已撤回停办，机构继续运营。"))
    except actions.ClosingDayPassed:
        messages.warning(request, _("停办日期已到，不能撤回；要重新开办，请重新报送登记。"))
    return HttpResponseRedirect(back, status=303)


# --- what the pages of a filing ask -------------------------------------------------------------


def next_page(request: Request, filing: Filing, *, done: str = "") -> str:
    """The next task that waits, or the page on which everything is read once more and sent.

    `done` is the part that is being saved whole just now.
    """
    law = in_force(request.today)
    filing = Filing.objects.get(pk=filing.pk)
    sections = queries.asked_sections(filing, law)
    for key, section in life.tasks_among(filing, sections, law).items():
        if section.status != "complete" and key != done:
            return reverse(f"my:{key}", args=[filing.number])
    return reverse("my:check", args=[filing.number])


def changes(filing: Filing, law: Regulation) -> list[dict[str, Any]]:
    """Old beside new of every part that differs from what the register said."""
    before = life.baseline(filing)
    if not before:
        return []
    found = []
    for key, section in queries.asked_sections(filing, law).items():
        rows = _differences(filing, key, before.get(key) or {}, section.answers or {}, law)
        if rows:
            found.append({"title": SECTION_NAMES.get(key, key), "rows": rows})
    return found


def _differences(
    filing: Filing, key: str, old: Mapping[str, Any], new: Mapping[str, Any], law: Regulation
) -> list[tuple[Any, Any, Any]]:
    if key == "certificates":
        names = {m.code: m.name for m in queries.required_for(filing, law) or []}
        return paper_differences(old, {key: queries.certificate_answers(filing)}, names)
    return differences(key, old, new) if key in FORMS else []


def closing_words(filing: Filing) -> str:
    """What a granted closure means until its day and from then on."""
    facility = filing.facility
    if filing.kind != FilingKind.CLOSURE or facility is None or not facility.closes_on:
        return ""
    if filing.state != FilingStatus.REGISTERED:
        return ""
    return _("停办日期：%(day)s。到这一天，登记注销，机构从公开查询中撤下。") % {
        "day": cn_date(facility.closes_on)
    }


def can_revoke(request: Request, filing: Filing) -> bool:
    """Whether this granted closure can still be taken back."""
    facility = filing.facility
    if filing.kind != FilingKind.CLOSURE or facility is None or facility.closes_on is None:
        return False
    is_ahead = facility.closes_on > request.today
    return is_ahead and permissions.can(request.user, "revoke", filing)
