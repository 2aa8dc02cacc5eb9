"""The pool of the committee."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms import desk as forms
from evaluations.models import Evaluator, Tie
from evaluations.queries import committee
from portal.core.models import staff_with
from portal.core.pages import Request, lists, makes, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role

from .frame import OFFICE, act_page, crumbs

KEEPERS = (Role.CLERK, Role.APPROVER)


def _here() -> tuple[str, str]:
    return (_("评估委员库"), reverse("desk:evaluators"))


@lists(Evaluator, roles=OFFICE)
def evaluators(request: Request) -> HttpResponse:
    """Everybody in the pool, with terms and ties."""
    context = {
        "page": page_of(request, committee.whole_pool().order_by("field", "unit", "id"), size=50),
        "may_keep": request.user.has_role(*KEEPERS),
        "today": request.today,
        "crumbs": crumbs((_("评估委员库"), "")),
    }
    return render(request, "evaluations/desk/evaluators.html", context)


@makes(Evaluator, roles=KEEPERS)
def evaluator_new(request: Request) -> HttpResponse:
    """Take a person into the pool."""
    people = forms.not_in_pool(request.today, staff_with(Role.EVALUATOR, request.today))
    form = forms.EvaluatorForm(posted(request), people=people, initial={"term_from": request.today})

    def act() -> str:
        given = dict(form.cleaned_data)
        try:
            actions.add_evaluator(given.pop("user"), given, by=request.actor, at=request.at)
        except actions.NotAnEvaluator as refused:
            form.add_error("term_from", _("这个账号在任期起的那一天没有“评估委员”角色"))
            raise actions.NotReady([]) from refused
        return _("已加入评估委员库。")

    return act_page(request, form, _("加入委员"), _here()[1], act, steps=[_here()])


@shows(Evaluator, roles=KEEPERS, methods=["GET", "POST"])
def evaluator_end(request: Request, member: Evaluator) -> HttpResponse:
    """A member leaves the pool."""
    form = forms.StepForm(posted(request))
    form.submit_label = _("结束任期")

    def act() -> str:
        actions.end_term(member, request.today, by=request.actor, at=request.at)
        return _("任期到今天结束。")

    effects = [_("今后不再参加抽取；已经抽取的评估组不变")]
    return act_page(request, form, _("结束任期"), _here()[1], act, steps=[_here()],
                    effects=effects, subject=member)  # fmt: skip


@shows(Evaluator, roles=KEEPERS, methods=["GET", "POST"])
def tie_new(request: Request, member: Evaluator) -> HttpResponse:
    """Note a relation of a member to a facility."""
    form = forms.TieForm(posted(request))

    def act() -> str:
        given = form.cleaned_data
        actions.declare_tie(
            member, given["facility"], given["ground"], by=request.actor, at=request.at
        )
        return _("已记下，今后抽取时回避。")

    return act_page(request, form, _("记回避关系"), _here()[1], act, steps=[_here()],
                    subject=member)  # fmt: skip


@shows(Tie, roles=KEEPERS, methods=["GET", "POST"])
def tie_end(request: Request, tie: Tie) -> HttpResponse:
    """A relation is over."""
    form = forms.StepForm(posted(request))
    form.submit_label = _("解除回避关系")

    def act() -> str:
        actions.end_tie(tie, by=request.actor, at=request.at)
        return _("已解除。")

    return act_page(request, form, _("解除回避关系"), _here()[1], act, steps=[_here()],
                    subject=tie.evaluator)  # fmt: skip
