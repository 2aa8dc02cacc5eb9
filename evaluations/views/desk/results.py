"""One facility's result: how it came about, facts, objection, versions, plan."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions, papers
from evaluations.forms import desk as forms
from evaluations.models import (
    Amendment,
    Evaluation,
    EvaluationRound,
    FactRemark,
    ImprovementPlan,
    Objection,
    ScoreSheet,
    SelfAssessment,
)
from evaluations.models.choices import RoundKind
from evaluations.queries import calendar, explain, results, scores
from evaluations.workflow import SHOWN_TO_PUBLIC, AmendmentStatus, RoundStatus, SheetStatus
from facilities.models import Facility
from portal.core import permissions
from portal.core.models import OfficialPaper
from portal.core.pages import Request, offers, posted, shows
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role

from .frame import OFFICE, READERS, act_page, crumbs, in_time, paper_links


def _found(request: Request, round_: EvaluationRound, code: str) -> Evaluation:
    """The facility's evaluation in a round, or 404: a recused member is no exception."""
    seen = scores.evaluations_of(round_, request.user)
    found = seen.filter(facility__code=code).first()
    if found is None:
        raise Http404
    return found


def _steps(evaluation: Evaluation, request: Request) -> list[tuple[str, str]]:
    round_ = evaluation.round
    return [(round_.number, round_.url_for(request.user)),
            (evaluation.facility.name, evaluation.url_for(request.user))]  # fmt: skip


@shows(EvaluationRound, key="number", roles=READERS)
def evaluation_result(request: Request, round_: EvaluationRound, code: str) -> HttpResponse:
    """One facility: the result line by line, and everything that hangs on it."""
    evaluation = _found(request, round_, code)
    context = {
        "evaluation": evaluation,
        "round": round_,
        "facility": evaluation.facility,
        **_head(request, evaluation, round_),
        **_part(request, evaluation, round_),
        "crumbs": crumbs(*_steps(evaluation, request)[:1], (evaluation.facility.name, "")),
        "calendar": working_calendar(),
    }
    return render(request, "evaluations/desk/result.html", context)


@shows(Facility, key="code", roles=READERS)
def facility_evaluation(request: Request, facility: Facility) -> HttpResponse:
    """The evaluation in the file of a facility: every round it took part in, and the next."""
    in_office = request.user.has_role(*OFFICE)
    rows = results.rounds_of(facility, request.user)
    why, due = calendar.next_due(facility, in_force(request.today))
    context = {
        "facility": facility,
        "rows": [(each, in_office or each.round.state in SHOWN_TO_PUBLIC) for each in rows],
        "due": due,
        "is_first": why == "new",
        "crumbs": crumbs((facility.name, reverse("desk:facility", args=[facility.code])),
                         (_("评估"), "")),
    }  # fmt: skip
    return render(request, "evaluations/desk/facility.html", context)


def _head(request: Request, evaluation: Evaluation, round_: EvaluationRound) -> dict[str, Any]:
    """The result beside the name: as decided, else as computed; in public only for communities."""
    standing = results.decision_of(evaluation)
    in_office = request.user.has_role(*OFFICE)
    is_over = in_office and standing is not None and round_.state == RoundStatus.FINAL
    is_told = is_over and request.GET.get("tab", PARTS[0]) == PARTS[0]  # on the first tab only
    return {
        "asked": results.grave_findings_since(evaluation, request.today) if is_told else [],
        "standing": (standing or evaluation)
        if evaluation.grade and (in_office or round_.state in SHOWN_TO_PUBLIC)
        else None,
        "may_amend": standing is not None
        and round_.state == RoundStatus.FINAL
        and request.user.has_role(Role.CLERK)
        and not evaluation.amendments.filter(state=AmendmentStatus.PROPOSED).exists(),
    }


PARTS = ("result", "process", "versions")
# While the facility may still hand in its own assessment.
TAKES_SELF = frozenset({RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING})


def _part(request: Request, evaluation: Evaluation, round_: EvaluationRound) -> dict[str, Any]:
    """The tab that was asked for, and the tabs."""
    asked = request.GET.get("tab", "")
    parts = PARTS if request.user.has_role(*OFFICE) else PARTS[:1]
    part = asked if asked in parts else parts[0]
    words = {"result": _("结果"), "process": _("评分和核对"), "versions": _("审定和文书")}
    tabs = [
        {"label": words[key], "url": f"?tab={key}", "count": None, "current": key == part}
        for key in parts
    ]
    if part == "process":
        return {"tabs": tabs, "part": part, **_process(request, evaluation, round_)}
    if part == "versions":
        return {"tabs": tabs, "part": part, **_versions(evaluation, request)}
    return {"tabs": tabs, "part": part, **_result(request, evaluation, round_)}


def _result(request: Request, evaluation: Evaluation, round_: EvaluationRound) -> dict[str, Any]:
    """The result as stored, or as it would be while the panel still talks; nothing before.

    A community reads what is public; what single members gave is for the office.
    """
    in_office = request.user.has_role(*OFFICE)
    shown = round_.is_opened and (in_office or round_.state in SHOWN_TO_PUBLIC)
    if not shown or round_.kind == RoundKind.SELF:
        return {"lines": [], "bars": [], "moderations": [], "preview": None}
    preview = None
    result = evaluation.result
    if evaluation.total is None:
        preview = scores.outcomes(round_, [evaluation.pk])[evaluation.pk]
        result = preview.as_json()
    names = results.names_of(round_)
    return {
        "lines": explain.lines(result, names),
        "bars": results.bars_of(result, names, results.medians_of(round_)),
        "moderations": scores.moderations_of(evaluation) if in_office else [],
        "preview": preview,
    }


def _process(request: Request, evaluation: Evaluation, round_: EvaluationRound) -> dict[str, Any]:
    sheets = ScoreSheet.objects.visible_to(request.user).filter(evaluation=evaluation)
    found = list(sheets.select_related("member__evaluator__user").order_by("member__order"))
    counted = sum(each.state != SheetStatus.RECUSED for each in found)
    own = SelfAssessment.objects.visible_to(request.user).filter(evaluation=evaluation).first()
    return {
        "may_answer": request.user.has_role(Role.CLERK) and round_.state == RoundStatus.FACT_CHECK,
        "sheets": [permissions.reached(request.user, each) for each in found],
        "self_assessment": own and permissions.reached(request.user, own),
        "remarks": results.remarks_of(evaluation),
        "objections": evaluation.objections.all(),
        "may_bring_up": request.user.has_role(Role.CLERK)
        and round_.state in {RoundStatus.MODERATION, RoundStatus.FACT_CHECK},
        "may_add_scorer": permissions.can(request.user, "substitute", round_)
        and counted < round_.terms.panel_size,
        "takes_self": round_.state in TAKES_SELF,
        "evidence": scores.evidence_of(evaluation) if round_.is_opened else [],
        "facts": results.facts_beside(evaluation),
    }


def _versions(evaluation: Evaluation, request: Request) -> dict[str, Any]:
    papers_ = OfficialPaper.objects.of(evaluation).order_by("-issued_at")
    return {
        "decisions": evaluation.decisions.order_by("-version"),
        "amendments": evaluation.amendments.all(),
        "plan": ImprovementPlan.objects.filter(evaluation=evaluation).first(),
        "may_advise": request.user.has_role(Role.CLERK),
        "papers": [(each, paper_links(each)) for each in papers_],
    }


# --- steps about what hangs on it -----------------------------------------------------------------


def _with_reason(request: Request, noun: Any, title: str, act: Any, told: str) -> HttpResponse:
    """A step with a reason about something of an evaluation."""
    form = forms.ReasonForm(posted(request))
    form.submit_label = title

    def done() -> str:
        act(noun, form.cleaned_data["reason"], by=request.actor, at=request.at)
        return told

    back = noun.evaluation.url_for(request.user)
    return act_page(request, form, title, back, done, steps=_steps(noun.evaluation, request))


def _plain(request: Request, noun: Any, title: str, act: Any, told: str, **more: Any
           ) -> HttpResponse:  # fmt: skip
    """A step that asks for nothing about something of an evaluation."""
    form = forms.StepForm(posted(request))
    form.submit_label = title

    def done() -> str:
        act(noun, by=request.actor, at=request.at)
        return told

    back = noun.evaluation.url_for(request.user)
    steps = _steps(noun.evaluation, request)
    return act_page(request, form, title, back, done, steps=steps, **more)


@offers(ScoreSheet, "return")
def sheet_return(request: Request, sheet: ScoreSheet) -> HttpResponse:
    """Send a sheet back before the scores are opened."""
    return _with_reason(
        request, sheet, _("退回重评"), actions.return_sheet, _("已退回，委员会收到消息。")
    )


@offers(SelfAssessment, "reopen")
def self_reopen(request: Request, assessment: SelfAssessment) -> HttpResponse:
    """Let the facility go on with its own assessment."""
    act = actions.reopen_self_assessment
    return _with_reason(request, assessment, _("退回自评"), act, _("已退回，机构可以继续填写。"))


@shows(FactRemark, roles=[Role.CLERK], methods=["GET", "POST"])
def remark_answer(request: Request, remark: FactRemark) -> HttpResponse:
    """Answer what the facility said about a fact."""
    form = forms.AnswerForm(posted(request))

    def act() -> str:
        answer = form.cleaned_data["answer"]
        actions.answer_fact(remark, answer, by=request.actor, at=request.at)
        return _("已答复机构。")

    back = remark.evaluation.url_for(request.user)
    steps = _steps(remark.evaluation, request)
    return act_page(request, form, _("答复"), back, in_time(act), steps=steps, quote=remark.text)


@shows(EvaluationRound, key="number", roles=[Role.CLERK], methods=["GET", "POST"])
def bring_up(request: Request, round_: EvaluationRound, code: str) -> HttpResponse:
    """Put an item before the panel that was not wide: a fact has come to light."""
    evaluation = _found(request, round_, code)
    items = scores.not_before_the_panel(evaluation)
    form = forms.BringUpForm(posted(request), items=items)

    def act() -> str:
        item = items[form.cleaned_data["indicator"]]
        actions.bring_up(evaluation, item, by=request.actor, at=request.at)
        return _("已请评估组合议：%(code)s") % {"code": item.code}

    effects = [_("评估组收到消息，重新商定这一条的得分"), _("合议完成以前，不能提请公示")]
    back, steps = evaluation.url_for(request.user), _steps(evaluation, request)
    return act_page(request, form, _("请评估组合议"), back, in_time(act), steps=steps,
                    effects=effects)  # fmt: skip


@offers(EvaluationRound, "substitute", key="number")
def scorer(request: Request, round_: EvaluationRound, code: str) -> HttpResponse:
    """Too few score the facility: the next substitute of the draw does too."""
    evaluation = _found(request, round_, code)
    form = forms.ReasonForm(posted(request))
    form.submit_label = _("请候补委员评分")

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.add_scorer(evaluation, reason, by=request.actor, at=request.at)
        return _("候补委员会收到消息，承诺以后评这一家。")

    effects = [
        _("按抽取记录里候补的先后，由下一位不须回避的委员评这一家"),
        _("已经提交的评分都保留"),
    ]
    back, steps = evaluation.url_for(request.user), _steps(evaluation, request)
    return act_page(request, form, _("请候补委员评分"), back, act, steps=steps, effects=effects)


@offers(ImprovementPlan, "accept")
def plan_accept(request: Request, plan: ImprovementPlan) -> HttpResponse:
    """Take note of a plan."""
    return _plain(request, plan, _("同意改进计划"), actions.accept_plan, _("已告知机构。"),
                  quote=plan.measures)  # fmt: skip


@offers(ImprovementPlan, "hand_back")
def plan_hand_back(request: Request, plan: ImprovementPlan) -> HttpResponse:
    """Want a plan changed."""
    return _with_reason(request, plan, _("退回改进计划"), actions.hand_back_plan, _("已退回机构。"))


# --- objections -----------------------------------------------------------------------------------


@shows(Objection, key="number", roles=OFFICE)
def objection(request: Request, objection: Objection) -> HttpResponse:
    """One objection: what the facility says, who looks at it, the answer."""
    context = {
        "objection": objection,
        "evaluation": objection.evaluation,
        "files": results.files_of(objection),
        "panel": results.review_panel(objection),
        "papers": [(p, paper_links(p)) for p in OfficialPaper.objects.of(objection)],
        "calendar": working_calendar(),
        "crumbs": crumbs(*_steps(objection.evaluation, request), (objection.number, "")),
    }
    return render(request, "evaluations/desk/objection.html", context)


@offers(Objection, "assign", key="number")
def objection_assign(request: Request, objection: Objection) -> HttpResponse:
    """Draw the members who look at it again."""
    form: Any = forms.DrawForm(posted(request))
    form.submit_label = _("抽取复核委员")

    def act() -> str:
        seed = form.cleaned_data["seed"].strip()
        actions.assign_objection(objection, by=request.actor, at=request.at, seed=seed)
        return _("已抽取复核委员，他们会收到消息。")

    back = objection.url_for(request.user)
    effects = [_("参加过本次评分的委员和须回避的委员不参加抽取")]
    return act_page(request, form, _("抽取复核委员"), back, act, effects=effects,
                    steps=_steps(objection.evaluation, request))  # fmt: skip


@offers(Objection, "hand_back", key="number")
def objection_hand_back(request: Request, objection: Objection) -> HttpResponse:
    """Want the answer looked at again."""
    return _with_reason(
        request, objection, _("退回复核"), actions.hand_back_answer, _("已退回复核委员。")
    )


@offers(Objection, "uphold", key="number")
def objection_answer(request: Request, objection: Objection) -> HttpResponse:
    """Let the answer go out."""
    evaluation = objection.evaluation
    before = (evaluation.total, evaluation.grade)
    scores.as_if_upheld(objection, evaluation)
    preview = {"title": papers.ANSWER_TITLE,
               "blocks": papers.answer_blocks(objection, evaluation, before)}  # fmt: skip
    act, told = actions.answer_objection, _("答复书已发给机构。")
    return _plain(request, objection, _("发出答复"), act, told, preview=preview)


# --- later changes --------------------------------------------------------------------------------


@shows(EvaluationRound, key="number", roles=[Role.CLERK], methods=["GET", "POST"])
def amend(request: Request, round_: EvaluationRound, code: str) -> HttpResponse:
    """Propose to change a published result."""
    evaluation = _found(request, round_, code)
    grade = (results.decision_of(evaluation) or evaluation).grade
    form = forms.AmendmentForm(posted(request), initial={"grade": grade}, full=round_.terms.full)

    def act() -> str:
        given = form.cleaned_data
        actions.propose_amendment(
            evaluation, given["kind"], given["grade"], given["reason"], total=given["total"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已提请变更，由另一人审定。")

    back, steps = evaluation.url_for(request.user), _steps(evaluation, request)
    return act_page(request, form, _("变更已公布的结果"), back, in_time(act), steps=steps)


@offers(Amendment, "grant")
def amendment_grant(request: Request, amendment: Amendment) -> HttpResponse:
    """The second person decides a change."""
    effects = [_("结果产生新的版次，旧版保留"), _("机构收到新的通知书，旧通知书标明已被替换"),
               _("新版结果提请公布")]  # fmt: skip
    act = actions.grant_amendment
    return _plain(request, amendment, _("同意变更"), act, _("结果已变更。"), effects=effects,
                  quote=amendment.reason)  # fmt: skip


@offers(Amendment, "refuse")
def amendment_refuse(request: Request, amendment: Amendment) -> HttpResponse:
    """The result stays."""
    act = actions.refuse_amendment
    return _with_reason(request, amendment, _("不予变更"), act, _("结果不变，已告知经办人。"))
