"""The facility's own assessment: one card an item, papers that are there already are offered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.items import Cards, plain, self_cards
from evaluations.forms.my import FileForm
from evaluations.forms.panel import SignatureForm
from evaluations.models import Dimension, Indicator, SelfAssessment, SelfItem
from evaluations.queries import facts, indicators, results
from evaluations.queries.indicators import Tree
from evaluations.views.sent import (
    form_page,
    keeps_file,
    not_saved_note,
    saved_note,
    sent_version,
    uploaded,
)
from facilities.queries.expiry import name_of
from portal.core.errors import error_entries
from portal.core.models import Attachment
from portal.core.pages import Request, offers, posted, shows
from portal.core.permissions import can
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

from .rounds import TAKES_SELF, crumbs

NAMES = {"words": "text"}


def _tree(assessment: SelfAssessment) -> Tree:
    return indicators.tree_of(assessment.evaluation.round.indicator_set_id)


def _kept(assessment: SelfAssessment) -> dict[Any, SelfItem]:
    return {each.indicator_id: each for each in assessment.items.all()}


def _mine(request: Request, assessment: SelfAssessment) -> SelfAssessment:
    """The office reads assessments on its own pages."""
    if not assessment.belongs_to(request.user):
        raise Http404
    return assessment


@shows(SelfAssessment, key="id", roles=(Role.OPERATOR,))
def assessment(request: Request, found: SelfAssessment) -> HttpResponse:
    """O21: the seven parts, how complete each is."""
    _mine(request, found)
    return render(request, "evaluations/my/assessment.html", _overview(request, found))


def _overview(request: Request, found: SelfAssessment) -> dict[str, Any]:
    tree, kept = _tree(found), _kept(found)
    rows = [_progress(found, tree, each, kept) for each in tree.dimensions]
    return {
        "assessment": found,
        "evaluation": found.evaluation,
        "facility": found.evaluation.facility,
        "rows": rows,
        "done": sum(each["done"] for each in rows),
        "of": len(tree.indicators),
        "may_edit": found.evaluation.round.state in TAKES_SELF and can(request.user, "edit", found),
        "may_submit": can(request.user, "submit", found),
        "crumbs": crumbs((_("质量自评"), "")),
    }


def _progress(
    found: SelfAssessment, tree: Tree, dimension: Dimension, kept: Mapping[Any, SelfItem]
) -> dict[str, Any]:
    items = tree.of_dimension(dimension.no)
    done = [each for each in items if each.pk in kept and kept[each.pk].points is not None]
    return {
        "dimension": dimension,
        "points": plain(dimension.points),
        "done": len(done),
        "of": len(items),
        "basic": sum(each.is_veto for each in items),
        "url": reverse("my:self_items", args=[found.pk, dimension.no]),
    }


@offers(SelfAssessment, "edit", key="id")
def items(request: Request, found: SelfAssessment, no: int) -> HttpResponse:
    """The items of one part, a card each."""
    tree = _tree(found)
    dimension = tree.dimension(no)
    if dimension is None:
        raise Http404
    cards = _cards(request, found, tree, no)
    if request.method != "POST" or not cards.is_valid():
        return _page(request, found, tree, dimension, cards)
    try:
        return _saved(request, found, tree, no, cards)
    except actions.SelfChanged:
        found.refresh_from_db()
        return _page(request, found, tree, dimension, cards, is_stale=True)


def _cards(request: Request, found: SelfAssessment, tree: Tree, no: int) -> Cards:
    law = in_force(request.today)
    papers = facts.documents_of(found.evaluation.facility_id)
    names = {each.material: name_of("certificate", each.material, law) for each in papers}
    return self_cards(posted(request), tree.of_dimension(no), _kept(found), papers, names)


def _saved(
    request: Request, found: SelfAssessment, tree: Tree, no: int, cards: Cards
) -> HttpResponse:
    changed = cards.changed(NAMES)
    if not _save(request, found, changed):
        return HttpResponseRedirect(reverse("my:evaluations"), status=303)
    messages.success(request, _("已保存。"))
    further = [each.no for each in tree.dimensions if each.no > no]
    if "later" in request.POST or not further:
        return HttpResponseRedirect(reverse("my:self_assessment", args=[found.pk]), status=303)
    return HttpResponseRedirect(reverse("my:self_items", args=[found.pk, further[0]]), status=303)


def _save(request: Request, found: SelfAssessment, changed: Mapping[str, Any]) -> bool:
    """Keep what was typed; False, with a sentence, once the round takes nothing any more.

    Raises SelfChanged where it was saved elsewhere since the page was made.
    """
    if not changed:
        return True
    for each in changed.values():
        if "certificates" in each:
            each["certificates"] = [uuid.UUID(pk) for pk in each["certificates"]]
    version = sent_version(request)
    try:
        actions.save_self_assessment(
            found, changed, version=version, by=request.actor, at=request.at
        )
    except TransitionNotOpen:
        messages.info(request, _("自评时间已过，不能再修改。"))
        return False
    return True


def _page(
    request: Request, found: SelfAssessment, tree: Tree, dimension: Dimension, cards: Cards,
    *, is_stale: bool = False,
) -> HttpResponse:  # fmt: skip
    kept = _kept(found)
    files: dict[Any, list[Attachment]] = {}
    for file in Attachment.objects.filter(noun_id__in=[e.pk for e in kept.values()]).present():
        files.setdefault(file.noun_id, []).append(file)
    context = {
        "assessment": found,
        "facility": found.evaluation.facility,
        "dimension": dimension,
        "points": plain(dimension.points),
        "rows": [_card(form, kept, files) for form in cards],
        "entries": [entry for form in cards for entry in error_entries(form)],
        "page_has_errors": request.method == "POST",
        "is_stale": is_stale,
        "crumbs": crumbs(
            (_("质量自评"), reverse("my:self_assessment", args=[found.pk])), (dimension.name, "")
        ),
    }
    return render(request, "evaluations/my/items.html", context)


def _card(form: Any, kept: Mapping[Any, SelfItem], files: Mapping[Any, Any]) -> dict[str, Any]:
    item: Indicator = form.item
    own = kept.get(item.pk)
    return {
        "form": form,
        "item": item,
        "most": plain(item.max_points),
        "files": files.get(own.pk, []) if own else [],
    }


@offers(SelfAssessment, "edit", key="id")
def autosave(request: Request, found: SelfAssessment, no: int) -> HttpResponse:
    """What the page sends by itself while somebody types; a small answer for htmx."""
    tree = _tree(found)
    if request.method != "POST" or tree.dimension(no) is None:
        return redirect("my:self_items", id=found.pk, no=no)
    try:
        kept = _save(request, found, _cards(request, found, tree, no).changed(NAMES))
    except actions.SelfChanged:
        kept = False
    if not kept:
        return not_saved_note(request)
    found.refresh_from_db()
    return saved_note(request, found.version)


# --- evidence -------------------------------------------------------------------------------------


@offers(SelfAssessment, "edit", key="id")
def evidence(request: Request, found: SelfAssessment, code: str) -> HttpResponse:
    """A file to one item."""
    item = _tree(found).by_code().get(code)
    if item is None:
        raise Http404
    form = FileForm(posted(request), uploaded(request))
    back = reverse("my:self_items", args=[found.pk, item.dimension.no])
    if request.method == "POST" and form.is_valid() and _kept_file(request, found, code, form):
        return HttpResponseRedirect(f"{back}#item-{item.position}", status=303)
    context = {"item": item, "back": back, **_under(found, _("上传材料"))}
    return form_page(request, "evaluations/my/evidence.html", form, context)


def _kept_file(request: Request, found: SelfAssessment, code: str, form: FileForm) -> bool:
    attach = partial(actions.attach_self_evidence, found, code)
    return keeps_file(request, form, attach, _("材料已保存。"))


def _under(found: SelfAssessment, title: str) -> dict[str, Any]:
    """What the pages below an assessment have in common."""
    way = (_("质量自评"), reverse("my:self_assessment", args=[found.pk]))
    facility = found.evaluation.facility
    return {"assessment": found, "facility": facility, "crumbs": crumbs(way, (title, ""))}


@offers(SelfAssessment, "edit", key="id")
def evidence_remove(request: Request, found: SelfAssessment, file: uuid.UUID) -> HttpResponse:
    """Take a file back."""
    stored = _own_file(found, file)
    back = reverse("my:self_assessment", args=[found.pk])
    if request.method == "POST":
        actions.remove_self_evidence(found, stored, by=request.actor, at=request.at)
        messages.success(request, _("已删除：%(name)s") % {"name": stored.display_name})
        return HttpResponseRedirect(back, status=303)
    effects = [_("材料从这一条的依据里去掉")]
    context = {"file": stored, "back": back, "effects": effects, **_under(found, _("删除材料"))}
    return render(request, "evaluations/my/evidence_remove.html", context)


def _own_file(found: SelfAssessment, file: uuid.UUID) -> Attachment:
    own = [each.pk for each in found.items.all()]
    stored: Attachment | None = (
        Attachment.objects.filter(noun_id__in=own, pk=file).present().first()
    )
    if stored is None:
        raise Http404
    return stored


# --- hand in --------------------------------------------------------------------------------------


@offers(SelfAssessment, "submit", key="id")
def submit(request: Request, found: SelfAssessment) -> HttpResponse:
    """What is missing, with links; the signature."""
    form = SignatureForm(posted(request))
    missing = results.self_missing(found, found.evaluation.round)
    if request.method == "POST" and form.is_valid() and not missing:
        return _handed_in(request, found, form.cleaned_data["signature"])
    context = {"missing": _missing(found, missing), **_under(found, _("提交自评"))}
    context["page_has_errors"] = bool(form.is_bound and (form.errors or missing))
    return form_page(request, "evaluations/my/submit.html", form, context)


def _missing(found: SelfAssessment, codes: Sequence[str]) -> list[dict[str, str]]:
    """Each item that is not filled, with the way to it."""
    tree = _tree(found)
    numbers = {each.pk: each.no for each in tree.dimensions}
    items_ = [tree.by_code()[code] for code in codes] if codes else []
    return [
        {
            "text": f"{item.code} {item.text}",
            "url": reverse("my:self_items", args=[found.pk, numbers[item.dimension_id]])
            + f"#item-{item.position}",
        }
        for item in items_
    ]


def _handed_in(request: Request, found: SelfAssessment, signature: str) -> HttpResponse:
    try:
        actions.submit_self_assessment(found, signature, by=request.actor, at=request.at)
    except actions.SelfIncomplete:
        messages.warning(request, _("刚有条目变动，请再核对一遍。"))
        return HttpResponseRedirect(reverse("my:self_submit", args=[found.pk]), status=303)
    except TransitionNotOpen:
        messages.info(request, _("自评时间已过，不能再提交。"))
        return HttpResponseRedirect(reverse("my:evaluations"), status=303)
    messages.success(request, _("自评已提交。"))
    return HttpResponseRedirect(reverse("my:evaluations"), status=303)
