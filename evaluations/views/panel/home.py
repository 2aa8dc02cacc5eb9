"""What waits for the evaluator, his pledge, and from what he stays away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.panel import PledgeForm, RecusalForm, SkipAnswerForm
from evaluations.models import EvaluationRound, PanelMember, ScoreSheet, SkippedItem
from evaluations.queries import committee, panel, scores
from evaluations.views.sent import form_page
from evaluations.workflow import UNFINISHED, RoundStatus, SheetStatus
from portal.core.pages import READ_AND_WRITE, Request, lists, offers, posted, shows
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

CRUMB = "panel:home"
# Until the scores are opened a member may say that he must stay away.
BLIND = frozenset({RoundStatus.SETUP, RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING})


def crumbs(*further: tuple[Any, str]) -> list[tuple[Any, str]]:
    """我的评审 and what lies under it."""
    return [(_("我的评审"), reverse(CRUMB)), *further]


@lists(ScoreSheet, roles=(Role.EVALUATOR,))
def home(request: Request) -> HttpResponse:
    """E1: rounds, facilities, how far each sheet is, and what else is asked."""
    sheets = scores.my_sheets(request.user)
    context = {
        "seats": _seats(request, sheets),
        "skips": panel.skips_to_answer(request.user),
        "moderations": panel.evaluations_to_moderate(request.user),
        "objections": panel.objections_to_review(request.user),
        "meetings": panel.meetings_of(request.user),
    }
    return render(request, "evaluations/panel/home.html", context)


def _seats(request: Request, sheets: list[ScoreSheet]) -> list[dict[str, Any]]:
    """Each round the person sits in, with his sheets in the order of the facilities."""
    found = []
    for seat in panel.seats_of_person(request.user):
        own = [each for each in sheets if each.member_id == seat.pk]
        finished = [each for each in own if each.state == SheetStatus.SUBMITTED]
        waiting = [each for each in own if each.state in UNFINISHED]
        found.append({
            "seat": seat,
            "round": seat.panel.round,
            "sheets": own,
            "finished": len(finished),
            "next": next(iter(waiting), None),
        })  # fmt: skip
    return found


@shows(EvaluationRound, key="number", roles=(Role.EVALUATOR,), methods=READ_AND_WRITE)
def pledge(request: Request, round_: EvaluationRound) -> HttpResponse:
    """E2: secrecy and integrity, before anything else."""
    seat = _own_seat(request, round_)
    points = in_force(request.today).texts("evaluations.pledge_points")
    form = PledgeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        actions.pledge(seat, "\n".join(points), by=request.actor, at=request.at)
        messages.success(request, _("承诺已记录，可以开始评分了。"))
        return redirect(CRUMB)
    context = {"round": round_, "seat": seat, "points": points}
    context["sheets"] = panel.sheets_of(seat) if round_.state in BLIND else []
    context |= {"recusals": panel.recused_from(seat), "crumbs": crumbs((_("廉洁与保密承诺"), ""))}
    return form_page(request, "evaluations/panel/pledge.html", form, context)


def _own_seat(request: Request, round_: EvaluationRound) -> PanelMember:
    seat = committee.seat_of(request.user, round_)
    if seat is None:
        raise Http404
    return seat


@offers(ScoreSheet, "recuse", key="id")
def recuse(request: Request, sheet: ScoreSheet) -> HttpResponse:
    """The member says why he must stay away; from then on he sees nothing of the facility."""
    if not sheet.belongs_to(request.user):
        raise Http404
    form = RecusalForm(posted(request))
    if request.method == "POST" and form.is_valid():
        return _stay_away(request, sheet, form.cleaned_data["ground"])
    effects = [
        _("提交后，您不再看到这家机构的任何材料，已打的分不计入结果"),
        _("回避不能自行撤回；经办人会安排替补"),
    ]
    back = reverse("panel:dossier", args=[sheet.pk])
    context = {"sheet": sheet, "effects": effects, "back": back}
    context["crumbs"] = crumbs((_("申请回避"), ""))
    return form_page(request, "evaluations/panel/recuse.html", form, context)


def _stay_away(request: Request, sheet: ScoreSheet, ground: str) -> HttpResponse:
    facility = sheet.evaluation.facility
    try:
        actions.recuse(sheet.evaluation, sheet.member, ground, by=request.actor, at=request.at)
    except TransitionNotOpen:
        messages.info(request, _("评分已经结束，不能再申请回避；请联系街道经办人。"))
        return HttpResponseRedirect(reverse(CRUMB), status=303)
    messages.success(request, _("已回避：%(facility)s") % {"facility": facility})
    return HttpResponseRedirect(reverse(CRUMB), status=303)


@offers(SkippedItem, "approve", key="id")
def skip_answer(request: Request, item: SkippedItem) -> HttpResponse:
    """The leader says whether an item applies to the facility."""
    form = SkipAnswerForm(posted(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["verdict"] == "yes":
            actions.allow_skip(item, by=request.actor, at=request.at)
        else:
            words = form.cleaned_data["answer"]
            actions.refuse_skip(item, words, by=request.actor, at=request.at)
        messages.success(request, _("已答复：%(item)s") % {"item": item.indicator.code})
        return HttpResponseRedirect(reverse(CRUMB), status=303)
    context = {"item": item, "crumbs": crumbs((_("是否适用"), ""))}
    return form_page(request, "evaluations/panel/skip_answer.html", form, context)
