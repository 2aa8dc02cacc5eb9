"""The result as the facility sees it, and its answers to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.my import AgainForm, FactForm, ObjectionForm, PlanForm, ReplyForm
from evaluations.models import Evaluation, ImprovementPlan, Indicator, Objection
from evaluations.queries import explain, indicators, items, panel, results
from evaluations.views.sent import uploaded
from evaluations.workflow import OPEN_OBJECTIONS, RoundStatus
from portal.core.attachments import UploadRefused
from portal.core.models import OfficialPaper
from portal.core.pages import READ_AND_WRITE, Request, offers, posted, shows
from portal.core.permissions import can
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

from .rounds import crumbs, task_of

BINDS = "evaluation.bind"  # the right of objecting and replying, kept from editors


def _own(request: Request, evaluation: Evaluation, *states: str) -> Evaluation:
    """The person's own, in one of these states; the office has pages of its own."""
    if not evaluation.belongs_to(request.user):
        raise Http404
    if states and evaluation.round.state not in states:
        raise Http404
    return evaluation


def _binding(request: Request, evaluation: Evaluation) -> None:
    """What binds the facility is its manager's."""
    if evaluation.withholds(request.user, BINDS):
        raise PermissionDenied


def _to(evaluation: Evaluation) -> HttpResponse:
    return HttpResponseRedirect(reverse("my:evaluation", args=[evaluation.pk]), status=303)


@shows(Evaluation, key="id", roles=(Role.OPERATOR,))
def result(request: Request, evaluation: Evaluation) -> HttpResponse:
    """The state of one round for the facility: result, remarks, objection, reply, papers."""
    own = panel.evaluations_of_person(request.user).filter(pk=evaluation.pk).first()
    if own is None:
        raise Http404
    return render(request, "evaluations/my/result.html", _shown(request, own))


def _shown(request: Request, evaluation: Evaluation) -> dict[str, Any]:
    shown = evaluation.is_shown_to_facility and evaluation.total is not None
    decision = results.decision_of(evaluation)
    objection = panel.objection_of(evaluation)
    manages = not evaluation.withholds(request.user, BINDS)
    nouns = [evaluation.pk, *([objection.pk] if objection else [])]
    return {
        "evaluation": evaluation,
        "facility": evaluation.facility,
        "round": evaluation.round,
        "task": task_of(evaluation, request.today),
        "shown": shown,
        **(_explained(evaluation, (decision or evaluation).result) if shown else {}),
        "decision": decision,
        "remarks": results.remarks_of(evaluation),
        "objection": objection,
        # His own evaluation and his objection to it: whoever sees them sees their papers.
        "papers": OfficialPaper.objects.filter(noun_id__in=nouns),
        "may_object": manages and _may_object(request, evaluation, objection),
        "may_withdraw": manages and objection is not None
        and can(request.user, "withdraw", objection),
        "may_reply": manages and _may_reply(evaluation),
        "crumbs": crumbs((evaluation.round.title, "")),
    }  # fmt: skip


def _may_object(request: Request, evaluation: Evaluation, objection: Objection | None) -> bool:
    """While the notice runs, and none is open."""
    until = evaluation.round.notice_until
    runs = evaluation.round.state == RoundStatus.NOTICE and until and request.today <= until
    return bool(runs) and not (objection and objection.state in OPEN_OBJECTIONS)


def _may_reply(evaluation: Evaluation) -> bool:
    """Once the result is public; a reply is said once."""
    unsaid = getattr(evaluation, "reply", None) is None
    return evaluation.round.state == RoundStatus.FINAL and panel.has_scores(evaluation) and unsaid


def _explained(evaluation: Evaluation, result: dict[str, Any]) -> dict[str, Any]:
    """The seven parts, how the result came about, and every item with the reasons.

    The street's median stands in public only.
    """
    parts = items.parts_of(evaluation, result)
    names = {part["dimension"].no: part["dimension"].name for part in parts}
    return {
        "bars": results.bars_of(result, names, {}),
        "lines": explain.lines(result, names),
        "parts": parts,
        "failed": [row for part in parts for row in part["rows"] if row["failed"]],
    }


@shows(Evaluation, key="id", roles=(Role.OPERATOR,), methods=READ_AND_WRITE)
def facts(request: Request, evaluation: Evaluation) -> HttpResponse:
    """The draft is checked for facts that are wrong."""
    _own(request, evaluation, RoundStatus.FACT_CHECK)
    tree = indicators.tree_of(evaluation.round.indicator_set_id)
    choices = [(each.code, f"{each.code} {each.text[:30]}") for each in tree.indicators]
    form = FactForm(posted(request), items=choices)
    if request.method == "POST" and form.is_valid():
        item = tree.by_code().get(form.cleaned_data["indicator"])
        return _told(request, evaluation, item, form.cleaned_data)
    context = {"kind": "facts", "title": _("核对事实"), "due": evaluation.round.facts_due}
    return _form_page(request, evaluation, form, {"evaluation": evaluation, **context})


def _told(
    request: Request, evaluation: Evaluation, item: Indicator | None, given: dict[str, Any]
) -> HttpResponse:
    text, token = given["text"], given["token"]
    try:
        actions.tell_fact(evaluation, item, text, token=token, by=request.actor, at=request.at)
    except TransitionNotOpen:
        messages.info(request, _("核对事实的时间已过。"))
        return _to(evaluation)
    messages.success(request, _("已提交，街道会逐条答复。"))
    return _to(evaluation)


@shows(Evaluation, key="id", roles=(Role.OPERATOR,), methods=READ_AND_WRITE)
def objection(request: Request, evaluation: Evaluation) -> HttpResponse:
    """The facility objects to its announced result."""
    _binding(request, _own(request, evaluation, RoundStatus.NOTICE))
    form = ObjectionForm(posted(request), uploaded(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _object(request, evaluation, form.cleaned_data)
        except UploadRefused as refused:
            form.add_error("file", refused.message)
    context = {"evaluation": evaluation, "due": evaluation.round.notice_until, "multipart": True}
    return _form_page(
        request, evaluation, form, context | {"kind": "objection", "title": _("提出异议")}
    )


def _object(request: Request, evaluation: Evaluation, given: dict[str, Any]) -> HttpResponse:
    files = (given["file"],) if given["file"] else ()
    try:
        made = actions.file_objection(
            evaluation, given["text"], token=given["token"], files=files,
            by=request.actor, at=request.at,
        )  # fmt: skip
    except (actions.TooLate, TransitionNotOpen):
        messages.info(request, _("公示期已过，不能再提出异议。"))
        return _to(evaluation)
    messages.success(request, _("异议已提出，编号 %(number)s。") % {"number": made.number})
    return _to(evaluation)


@offers(Objection, "withdraw", key="number")
def objection_withdraw(request: Request, found: Objection) -> HttpResponse:
    """The facility takes its objection back."""
    _binding(request, _own(request, found.evaluation))
    if request.method == "POST":
        actions.withdraw_objection(found, by=request.actor, at=request.at)
        messages.success(request, _("异议已撤回。"))
        return _to(found.evaluation)
    back = reverse("my:evaluation", args=[found.evaluation_id])
    effects = [_("撤回后，这条异议不再复核，结果按公示的内容审定")]
    context = {"objection": found, "facility": found.evaluation.facility, "effects": effects}
    context |= {"back": back, "crumbs": crumbs((_("撤回异议"), ""))}
    return render(request, "evaluations/my/objection_withdraw.html", context)


@shows(Evaluation, key="id", roles=(Role.OPERATOR,), methods=READ_AND_WRITE)
def reply(request: Request, evaluation: Evaluation) -> HttpResponse:
    """The one reply beside the published result."""
    _binding(request, _own(request, evaluation, RoundStatus.FINAL))
    longest = in_force(request.today).integer("evaluations.reply_length")
    form = ReplyForm(posted(request), longest=longest)
    if request.method == "POST" and form.is_valid():
        actions.reply(evaluation, form.cleaned_data["text"], by=request.actor, at=request.at)
        messages.success(request, _("回应已提交，街道核对后公布。"))
        return _to(evaluation)
    context = {"evaluation": evaluation}
    return _form_page(
        request, evaluation, form, context | {"kind": "reply", "title": _("回应评估结果")}
    )


# --- after a C or D -------------------------------------------------------------------------------


@offers(ImprovementPlan, "submit", key="id")
def plan(request: Request, found: ImprovementPlan) -> HttpResponse:
    """What the facility will do, by when."""
    initial = {"measures": found.measures, "finish_on": found.finish_on}
    form = PlanForm(posted(request), initial=initial, today=request.today)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.submit_plan(
            found, given["measures"], given["finish_on"], by=request.actor, at=request.at
        )
        messages.success(request, _("改进计划已提交。"))
        return _to(found.evaluation)
    context = {"evaluation": found.evaluation, "due": found.due_on, "plan": found}
    return _form_page(
        request, found.evaluation, form, context | {"kind": "plan", "title": _("提交改进计划")}
    )


@offers(ImprovementPlan, "ask_again", key="id")
def plan_again(request: Request, found: ImprovementPlan) -> HttpResponse:
    """The facility says that it has improved and asks to be rated anew."""
    form = AgainForm(posted(request))
    if request.method == "POST" and form.is_valid():
        results_ = form.cleaned_data["results"]
        try:
            actions.ask_to_be_rated_again(found, results_, by=request.actor, at=request.at)
        except actions.NotReady:
            form.add_error(None, _("街道还没有发布评估指标，暂时不能申请，请联系街道经办人"))
        else:
            messages.success(request, _("已申请再次评估。"))
            return _to(found.evaluation)
    context = {"evaluation": found.evaluation, "plan": found}
    return _form_page(
        request, found.evaluation, form, context | {"kind": "again", "title": _("申请再次评估")}
    )


def _form_page(
    request: Request, evaluation: Evaluation, form: Any, context: dict[str, Any]
) -> HttpResponse:
    """`context` has the `kind` of page and its `title`."""
    context |= {
        "facility": evaluation.facility,
        "form": form,
        "button": form.submit_label,
        "back": reverse("my:evaluation", args=[evaluation.pk]),
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": crumbs((context["title"], "")),
    }
    return render(request, "evaluations/my/form.html", context)
