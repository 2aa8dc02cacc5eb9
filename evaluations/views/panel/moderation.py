"""The panel together: items that lie far apart, discussed without names; and objections."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.items import plain
from evaluations.forms.panel import AgreementForm, RecusalForm, RemarkForm, ReopenForm, Review
from evaluations.models import Evaluation, Moderation, Objection
from evaluations.models.scores import leader_of
from evaluations.queries import committee, indicators, items, scores
from evaluations.workflow import UNDER_REVIEW, ModerationStatus, RoundStatus
from portal.core.errors import error_entries
from portal.core.models import Attachment
from portal.core.pages import READ_AND_WRITE, Request, offers, posted, shows
from portal.core.permissions import can
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

from .home import crumbs
from .said import self_said

# The panel may still take an item up: until the notice.
TALKING = frozenset({RoundStatus.MODERATION, RoundStatus.FACT_CHECK})


def _url(evaluation: Evaluation) -> str:
    return reverse("panel:moderation", args=[evaluation.pk])


@shows(Evaluation, key="id", roles=(Role.EVALUATOR,))
def moderation(request: Request, evaluation: Evaluation) -> HttpResponse:
    """E6: what the panel has to agree on; opinions carry letters, never names."""
    seat = committee.seat_of(request.user, evaluation.round)
    if seat is None or not evaluation.round.is_opened:
        raise Http404
    leads = _leads(request, evaluation)
    rows = [_row(each, leads=leads) for each in scores.moderations_of(evaluation)]
    context = {
        "evaluation": evaluation,
        "facility": evaluation.facility,
        "rows": rows,
        "evidence": scores.evidence_of(evaluation),
        "waiting": sum(each["is_open"] for each in rows),
        "crumbs": crumbs((_("合议"), "")),
    }
    return render(request, "evaluations/panel/moderation.html", context)


def _leads(request: Request, evaluation: Evaluation) -> bool:
    """Whether the person writes down agreements now; asked once, whatever the number of items."""
    return evaluation.round.state in TALKING and leader_of(evaluation) == request.user.pk


def _row(each: Moderation, *, leads: bool) -> dict[str, Any]:
    is_open = each.state == ModerationStatus.OPEN
    shown: Any = each
    return {
        "moderation": each,
        "item": each.indicator,
        "most": plain(each.indicator.max_points),
        "spread": plain(each.spread),
        "points": "" if each.points is None else plain(each.points),
        "is_open": is_open,
        "opinions": [{**o, "points": plain(o["points"])} for o in shown.opinions],
        "said": shown.said,
        "remark": RemarkForm(prefix=None, auto_id=f"id_{each.pk}_%s") if is_open else None,
        "may_agree": leads and is_open,
        "may_reopen": leads and not is_open,
    }


@offers(Moderation, "discuss", key="id")
def discuss(request: Request, item: Moderation) -> HttpResponse:
    """A word on one item."""
    if committee.seat_of(request.user, item.evaluation.round) is None:
        raise Http404
    form = RemarkForm(posted(request))
    if request.method == "POST" and form.is_valid():
        text, token = form.cleaned_data["text"], form.cleaned_data["token"]
        actions.discuss(item, text, token=token, by=request.actor, at=request.at)
        messages.success(request, _("意见已记录，不显示姓名。"))
        return HttpResponseRedirect(_anchor(item), status=303)
    return _one(request, item, form, title=_("发表意见"), button=_("提交意见"))


@offers(Moderation, "agree", key="id")
def agree(request: Request, item: Moderation) -> HttpResponse:
    """Who leads the panel writes down what was agreed."""
    form = AgreementForm(posted(request), item=item.indicator)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.agree(
            item, given["points"], given["words"], is_met=given.get("is_met"),
            by=request.actor, at=request.at,
        )  # fmt: skip
        messages.success(request, _("已合议：%(code)s") % {"code": item.indicator.code})
        return HttpResponseRedirect(_anchor(item), status=303)
    return _one(request, item, form, title=_("填写合议得分"), button=_("确认合议得分"))


@offers(Moderation, "reopen", key="id")
def reopen(request: Request, item: Moderation) -> HttpResponse:
    """The panel takes an agreement up again."""
    form = ReopenForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.reopen_agreement(item, reason, by=request.actor, at=request.at)
        messages.success(request, _("已重新合议：%(code)s") % {"code": item.indicator.code})
        return HttpResponseRedirect(_anchor(item), status=303)
    return _one(request, item, form, title=_("重新合议"), button=_("重新合议"))


def _anchor(item: Moderation) -> str:
    return f"{_url(item.evaluation)}#item-{item.indicator.position}"


def _one(request: Request, item: Moderation, form: Any, *, title: str, button: str) -> HttpResponse:
    """A form about one item, with what the members gave beside it."""
    evaluation = item.evaluation
    found = next(each for each in scores.moderations_of(evaluation) if each.pk == item.pk)
    context = {
        "title": title,
        "button": button,
        "row": _row(found, leads=_leads(request, evaluation)),
        "facility": evaluation.facility,
        "form": form,
        "back": _url(evaluation),
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": crumbs((_("合议"), _url(evaluation)), (title, "")),
    }
    return render(request, "evaluations/panel/agree.html", context)


@shows(Objection, key="number", roles=(Role.EVALUATOR,), methods=READ_AND_WRITE)
def objection(request: Request, found: Objection) -> HttpResponse:
    """The reviewers read an objection; who leads the review answers it."""
    if "away" in request.POST:
        return _steps_aside(request, found)
    tree = indicators.tree_of(found.evaluation.round.indicator_set_id)
    review = Review(posted(request), tree.by_code())
    if request.method == "POST" and review.is_valid():
        return _answered(request, found, review)
    return render(request, "evaluations/panel/objection.html", _review(request, found, review))


def _steps_aside(request: Request, found: Objection) -> HttpResponse:
    """A reviewer says that he must stay away; others are drawn, and he sees nothing of it."""
    away = RecusalForm(request.POST)
    if not away.is_valid():
        tree = indicators.tree_of(found.evaluation.round.indicator_set_id)
        context = _review(request, found, Review(None, tree.by_code()), away)
        return render(request, "evaluations/panel/objection.html", context)
    member = found.panel.members.get(evaluator__user=request.user.pk).evaluator
    facility, ground = found.evaluation.facility, away.cleaned_data["ground"]
    actions.declare_tie(member, facility, ground, by=request.actor, at=request.at)
    messages.success(request, _("已回避：%(facility)s") % {"facility": facility})
    return HttpResponseRedirect(reverse("panel:home"), status=303)


def _review(
    request: Request, found: Objection, review: Review, away: RecusalForm | None = None
) -> dict[str, Any]:
    """The objection, and the answer as far as it is written."""
    forms = [review.form, *review.changes, *([away] if away else [])]
    entries = [entry for form in forms for entry in error_entries(form)]
    return {
        "review": review,
        "entries": entries,
        "page_has_errors": bool(entries),
        "objection": found,
        "facility": found.evaluation.facility,
        "files": Attachment.objects.filter(noun_id=found.pk).present(),
        "evaluation": found.evaluation,
        "away": (away or RecusalForm()) if found.state in UNDER_REVIEW else None,
        "parts": _parts(request, found.evaluation),
        "may_answer": can(request.user, "propose", found),
        "crumbs": crumbs((_("异议复核"), "")),
    }


def _parts(request: Request, evaluation: Evaluation) -> list[dict[str, Any]]:
    """What is objected to: each item with points and reasons, and what the facility showed.

    Whoever looks at it again was not there, and reads nobody's name.
    """
    parts = items.parts_of(evaluation, evaluation.result)
    said = self_said(request, evaluation)
    for part in parts:
        for row in part["rows"]:
            row["said"] = said.get(row["item"].pk)
    return parts


def _answered(request: Request, found: Objection, review: Review) -> HttpResponse:
    """The result stands, or items change; sent twice it is answered once."""
    answer, changed = review.form.cleaned_data["answer"], review.amendments
    try:
        actions.propose_answer(found, answer, changed, by=request.actor, at=request.at)
    except TransitionNotOpen:
        messages.info(request, _("这条异议已经有复核意见，不用再提交。"))
    else:
        messages.success(request, _("复核意见已提交，待审定。"))
    return HttpResponseRedirect(reverse("panel:home"), status=303)
