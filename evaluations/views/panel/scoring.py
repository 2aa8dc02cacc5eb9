"""The evaluator alone with a facility: its dossier, a dimension a page, check, hand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.items import Cards, plain, score_cards
from evaluations.forms.panel import SignatureForm, SkipForm
from evaluations.models import Dimension, Indicator, ScoreSheet, SkippedItem
from evaluations.queries import facts, indicators, results, scores
from evaluations.queries.indicators import Tree
from evaluations.rules import Problem
from evaluations.views.sent import form_page, not_saved_note, saved_note, sent_version
from evaluations.workflow import SheetStatus, SkipStatus
from facilities.queries.expiry import name_of
from portal.core.errors import error_entries
from portal.core.pages import Request, offers, posted, shows
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

from .home import BLIND, crumbs
from .said import self_said

NAMES = {"words": "reason"}


def _tree(sheet: ScoreSheet) -> Tree:
    return indicators.tree_of(sheet.evaluation.round.indicator_set_id)


def _pledged(sheet: ScoreSheet) -> bool:
    return sheet.member.pledged_at is not None


@shows(ScoreSheet, key="id", roles=(Role.EVALUATOR,))
def dossier(request: Request, sheet: ScoreSheet) -> HttpResponse:
    """E3: the seven dimensions, what the facility handed in, and what the register knows."""
    if not sheet.belongs_to(request.user):
        raise Http404
    if not _pledged(sheet):
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    return render(request, "evaluations/panel/dossier.html", _dossier(request, sheet))


def _dossier(request: Request, sheet: ScoreSheet) -> dict[str, Any]:
    """The parts with how far each is, the papers of the register, the own assessment."""
    tree, evaluation = _tree(sheet), sheet.evaluation
    kept, skips = scores.scores_of(sheet), scores.skips_of(evaluation)
    papers = facts.documents_of(evaluation.facility_id)
    law = in_force(request.today)
    return {
        "sheet": sheet,
        "evaluation": evaluation,
        "facility": evaluation.facility,
        "dimensions": [_progress(sheet, tree, each, kept, skips) for each in tree.dimensions],
        "papers": [(name_of("certificate", each.material, law), each) for each in papers],
        "assessment": getattr(evaluation, "self_assessment", None),
        "facts": results.facts_beside(evaluation),
        "may_recuse": sheet.state != SheetStatus.RECUSED and evaluation.round.state in BLIND,
        "crumbs": crumbs((evaluation.facility, "")),
    }


@shows(ScoreSheet, key="id", roles=(Role.EVALUATOR,))
def evidence(request: Request, sheet: ScoreSheet) -> HttpResponse:
    """Everything the facility says and shows, part by part, on one page to read or to print."""
    if not sheet.belongs_to(request.user):
        raise Http404
    if not _pledged(sheet):
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    return render(request, "evaluations/panel/evidence.html", _evidence(request, sheet))


def _evidence(request: Request, sheet: ScoreSheet) -> dict[str, Any]:
    tree, said = _tree(sheet), self_said(request, sheet.evaluation)
    parts = [(each, [(item, said[item.pk]) for item in tree.of_dimension(each.no)
                     if item.pk in said]) for each in tree.dimensions]  # fmt: skip
    facility = sheet.evaluation.facility
    way = (facility, reverse("panel:dossier", args=[sheet.pk]))
    return {
        "sheet": sheet,
        "facility": facility,
        "parts": [(dimension, rows) for dimension, rows in parts if rows],
        "files": sum(len(row["files"]) for row in said.values()),
        "crumbs": crumbs(way, (_("机构的材料"), "")),
    }


def _progress(
    sheet: ScoreSheet, tree: Tree, dimension: Dimension, kept: Mapping[Any, Any],
    skips: Mapping[Any, SkippedItem],
) -> dict[str, Any]:  # fmt: skip
    items = tree.of_dimension(dimension.no)
    out = {pk for pk, skip in skips.items() if skip.state == SkipStatus.APPROVED}
    asked = [each for each in items if each.pk not in out]
    done = [each for each in asked if each.pk in kept and kept[each.pk].points is not None]
    return {
        "dimension": dimension,
        "points": plain(dimension.points),
        "done": len(done),
        "of": len(asked),
        "sum": plain(sum((kept[each.pk].points for each in done), start=dimension.points * 0)),
        "url": reverse("panel:dimension", args=[sheet.pk, dimension.no]),
    }


# --- a dimension ----------------------------------------------------------------------------------


@offers(ScoreSheet, "score", key="id")
def dimension(request: Request, sheet: ScoreSheet, no: int) -> HttpResponse:
    """E4: the items of one dimension, each with what the facility says about it."""
    if not _pledged(sheet):
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    tree = _tree(sheet)
    found = tree.dimension(no)
    if found is None:
        raise Http404
    cards = _cards(request, sheet, tree, no)
    in_order = request.method == "POST" and cards.is_valid()
    if in_order and _keep(request, sheet, cards):
        return _saved(request, sheet, tree, no)
    return _page(request, sheet, tree, found, cards, is_stale=in_order)


def _cards(request: Request, sheet: ScoreSheet, tree: Tree, no: int) -> Cards:
    skips = scores.skips_of(sheet.evaluation)
    out = {pk for pk, skip in skips.items() if skip.state != SkipStatus.REFUSED}
    items = [each for each in tree.of_dimension(no) if each.pk not in out]
    return score_cards(posted(request), items, scores.scores_of(sheet))


def _keep(request: Request, sheet: ScoreSheet, cards: Cards) -> bool:
    """Save what was typed; False where the sheet was saved elsewhere since the page was made."""
    changed, version = cards.changed(NAMES), sent_version(request)
    try:
        if changed:
            actions.save_scores(sheet, changed, version=version, by=request.actor, at=request.at)
    except actions.SheetChanged:
        sheet.refresh_from_db()
        return False
    return True


def _saved(request: Request, sheet: ScoreSheet, tree: Tree, no: int) -> HttpResponse:
    messages.success(request, _("已保存。其他委员看不到您的评分。"))
    numbers = [each.no for each in tree.dimensions if each.no > no]
    if "later" in request.POST:
        return HttpResponseRedirect(reverse("panel:dossier", args=[sheet.pk]), status=303)
    if not numbers:
        return HttpResponseRedirect(reverse("panel:check", args=[sheet.pk]), status=303)
    url = reverse("panel:dimension", args=[sheet.pk, numbers[0]])
    return HttpResponseRedirect(url, status=303)


def _page(
    request: Request, sheet: ScoreSheet, tree: Tree, found: Dimension, cards: Cards,
    *, is_stale: bool,
) -> HttpResponse:  # fmt: skip
    evaluation = sheet.evaluation
    skips = scores.skips_of(evaluation)
    own, files = self_said(request, sheet.evaluation), scores.files_of(sheet)
    rows = [
        {"form": form, "item": form.item, "most": plain(form.item.max_points),
         "said": own.get(form.item.pk), "skip": skips.get(form.item.pk),
         "files": files.get(form.item.pk, [])}
        for form in cards
    ]  # fmt: skip
    left_out = [
        skips[each.pk] for each in tree.of_dimension(found.no)
        if each.pk in skips and skips[each.pk].state != SkipStatus.REFUSED
    ]  # fmt: skip
    context = {
        "sheet": sheet,
        "facility": evaluation.facility,
        "dimension": found,
        "points": plain(found.points),
        "dimensions": tree.dimensions,
        "low_percent": evaluation.round.terms.low_percent,
        "rows": rows,
        "entries": [entry for form in cards for entry in error_entries(form)],
        "left_out": left_out,
        "page_has_errors": request.method == "POST",
        "is_stale": is_stale,
        "crumbs": crumbs((evaluation.facility, reverse("panel:dossier", args=[sheet.pk])),
                         (found.name, "")),
    }  # fmt: skip
    return render(request, "evaluations/panel/dimension.html", context)


@offers(ScoreSheet, "score", key="id")
def autosave(request: Request, sheet: ScoreSheet, no: int) -> HttpResponse:
    """What the page sends by itself while somebody types; a small answer for htmx."""
    if request.method != "POST" or not _pledged(sheet):
        return redirect("panel:dimension", id=sheet.pk, no=no)
    tree = _tree(sheet)
    if tree.dimension(no) is None:
        raise Http404
    if not _keep(request, sheet, _cards(request, sheet, tree, no)):
        return not_saved_note(request)
    sheet.refresh_from_db()
    return saved_note(request, sheet.version)


# --- an item that does not apply ------------------------------------------------------------------


@offers(ScoreSheet, "score", key="id")
def skip(request: Request, sheet: ScoreSheet, code: str) -> HttpResponse:
    """The evaluator says that an item does not apply, and why."""
    item = _skippable(sheet, code)
    if not _pledged(sheet):
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    form = SkipForm(posted(request))
    back = reverse("panel:dimension", args=[sheet.pk, item.dimension.no])
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.ask_to_skip(sheet.evaluation, item, reason, by=request.actor, at=request.at)
        messages.success(request, _("已提请组长确认：%(code)s") % {"code": code})
        return HttpResponseRedirect(back, status=303)
    effects = [_("组长同意后，这一条对所有委员都不计分，该部分按其余条目折算")]
    context = {"sheet": sheet, "item": item, "effects": effects, "back": back}
    context["crumbs"] = crumbs((_("不适用"), ""))
    return form_page(request, "evaluations/panel/skip.html", form, context)


def _skippable(sheet: ScoreSheet, code: str) -> Indicator:
    """The item in the path; a basic item always applies."""
    item = _tree(sheet).by_code().get(code)
    if item is None or not item.may_skip:
        raise Http404
    return item


# --- check and hand in ----------------------------------------------------------------------------


@offers(ScoreSheet, "submit", key="id")
def check(request: Request, sheet: ScoreSheet) -> HttpResponse:
    """E5: what is missing with links, the sums, the signature."""
    if not _pledged(sheet):
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    form = SignatureForm(posted(request))
    problems = scores.problems_of(sheet, _tree(sheet))
    if request.method == "POST" and form.is_valid() and not problems:
        return _handed_in(request, sheet, form.cleaned_data["signature"])
    return _check_page(request, sheet, form, problems)


def _check_page(
    request: Request, sheet: ScoreSheet, form: SignatureForm, problems: list[Problem]
) -> HttpResponse:
    tree = _tree(sheet)
    kept, skips = scores.scores_of(sheet), scores.skips_of(sheet.evaluation)
    context = {
        "sheet": sheet,
        "facility": sheet.evaluation.facility,
        "dimensions": [_progress(sheet, tree, each, kept, skips) for each in tree.dimensions],
        "problems": _in_words(sheet, tree, problems),
        "form": form,
        "page_has_errors": bool(form.is_bound and (form.errors or problems)),
        "crumbs": crumbs(
            (sheet.evaluation.facility, reverse("panel:dossier", args=[sheet.pk])),
            (_("核对并提交"), ""),
        ),
    }
    return render(request, "evaluations/panel/check.html", context)


def _handed_in(request: Request, sheet: ScoreSheet, signature: str) -> HttpResponse:
    try:
        actions.submit_sheet(sheet, signature, by=request.actor, at=request.at)
    except actions.SheetIncomplete:
        messages.warning(request, _("刚有条目变动，请再核对一遍。"))
        return HttpResponseRedirect(reverse("panel:check", args=[sheet.pk]), status=303)
    except TransitionNotOpen:
        messages.info(request, _("这一轮的评分已经结束。"))
        return HttpResponseRedirect(reverse("panel:home"), status=303)
    facts_ = {"facility": sheet.evaluation.facility}
    messages.success(request, _("评分已提交：%(facility)s") % facts_)
    return HttpResponseRedirect(reverse("panel:home"), status=303)


def _in_words(sheet: ScoreSheet, tree: Tree, problems: list[Problem]) -> list[dict[str, str]]:
    """Each problem as a sentence that leads to its item."""
    numbers = {each.pk: each.no for each in tree.dimensions}
    by_code = tree.by_code()
    words = {
        "missing": _("还没有打分"),
        "asked": _("组长还没有答复是否适用"),
        "met": _("还没有选是否符合基础标准"),
        "zero": _("基础标准不符合时，只能是 0 分"),
        "reason": _("请写明理由"),
        "step": _("得分要按 0.5 分一档"),
        "range": _("得分超出范围"),
    }
    return [
        {
            "text": f"{each.item} {words[each.code]}",
            "url": reverse(
                "panel:dimension", args=[sheet.pk, numbers[by_code[each.item].dimension_id]]
            ) + f"#item-{by_code[each.item].position}",
        }
        for each in problems
    ]  # fmt: skip
