"""Saying of each section and paper: passed, to correct, to be seen on the spot."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.desk import VerdictForm
from facilities.models import Filing
from facilities.models.review import PhraseUse, Verdict
from facilities.queries import desk as desk_queries
from facilities.queries.phrases import phrases_for
from portal.core.pages import Request, offers, posted
from portal.core.paging import kept
from portal.core.queries import in_force

from . import reading
from .judging import PAPERS, Unit, differences, judge
from .review import act_head, back_url


@offers(Filing, "note", key="number")
def verdict(request: Request, filing: Filing) -> HttpResponse:
    """One item: the small buttons of the review page come here, 需补正 opens the page."""
    dossier = desk_queries.dossier(filing, in_force(request.today))
    judged = judge(dossier, reading.judged_papers(dossier), differences(dossier))
    wanted = request.GET.get("target", "")
    unit = next((u for u in judged.units if u.target == wanted), None)
    if unit is None:
        return redirect(back_url(request, filing))
    form = _form(request, unit)
    if request.method == "POST" and form.is_valid():
        return _said(request, filing, unit, form)
    context = {"form": form, "unit": unit, "kept": kept(request)}
    context |= act_head(request, dossier, _("核对：%(name)s") % {"name": unit.name})
    return render(request, "desk/verdict.html", context)


def _form(request: Request, unit: Unit) -> VerdictForm:
    use = PhraseUse(unit.section) if unit.section in PhraseUse.values else PhraseUse.ANY
    initial: dict[str, Any] = {"verdict": request.GET.get("say", "")}
    if unit.said and not unit.carried:
        initial = {"verdict": unit.said.verdict, "reason": unit.said.note} | {
            name: value for name, value in initial.items() if value
        }
    offers_ = phrases_for(request.user, *dict.fromkeys([use, PhraseUse.ANY]))
    return VerdictForm(posted(request), phrases=offers_, initial=initial)


def _said(request: Request, filing: Filing, unit: Unit, form: VerdictForm) -> HttpResponse:
    """Keep it, and go back to where the item stands on the review page."""
    said, note = form.cleaned_data["verdict"], form.reason_given()
    if said == Verdict.CORRECT and unit.item and unit.name not in note:
        note = f"{unit.name}：{note}"
    try:
        actions.give_verdict(
            filing, unit.section, unit.item, said, note, by=request.actor, at=request.at
        )
    except actions.StillAsked:
        text = _("“%(name)s”还有补正要求在清单里，请先移出补正清单，再判为通过。")
        messages.warning(request, text % {"name": unit.name})
        return redirect(back_url(request, filing) + "#corrections")
    return _to_item(request, filing, unit)


def _to_item(request: Request, filing: Filing, unit: Unit) -> HttpResponse:
    query = kept(request)
    if unit.section != PAPERS:
        place = f"{query}#section-{unit.section}"
    else:
        place = f"{query}{'&' if query else '?'}show={unit.item}#viewer"
    response = redirect(reverse("desk:filing", args=[filing.number]) + place)
    response.status_code = 303
    return response
