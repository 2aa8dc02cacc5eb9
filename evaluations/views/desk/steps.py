"""The steps of a round that ask for nothing but a decision (or a reason)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from evaluations import actions
from evaluations.forms import desk as forms
from evaluations.models import EvaluationRound
from portal.core.pages import Request, View, offers, posted

from .frame import act_page


@dataclass(frozen=True, slots=True)
class Step:
    """A step: its transition, its words, what it will bring about, and the act."""

    transition: str
    title: Any
    effects: tuple[Any, ...]
    told: Any
    act: Callable[..., Any]
    asks_reason: bool = False
    danger: bool = False


def _view(step: Step) -> View:
    """The page of a step."""

    @offers(EvaluationRound, step.transition, key="number")
    def page(request: Request, round_: EvaluationRound) -> HttpResponse:
        form = (forms.ReasonForm if step.asks_reason else forms.StepForm)(posted(request))
        form.submit_label = step.title

        def act() -> str:
            given = (form.cleaned_data["reason"],) if step.asks_reason else ()
            step.act(round_, *given, by=request.actor, at=request.at)
            return str(step.told)

        back = round_.url_for(request.user)
        return act_page(request, form, str(step.title), back, act, round=round_,
                        effects=step.effects, danger=step.danger)  # fmt: skip

    return page


start = _view(Step(
    "start", _("启动评估"),
    (_("各机构收到通知，开始自评"), _("评估组成员收到通知"), _("设置不能再改")),
    _("评估已启动。"), actions.start_round,
))  # fmt: skip
open_scoring = _view(Step(
    "open_scoring", _("开始评分"),
    (_("没有提交的自评记为逾期未交"), _("评估组成员可以开始评分")),
    _("已开始评分。"), actions.open_scoring,
))  # fmt: skip
close_self = _view(Step(
    "close_self", _("结束自评"), (_("没有提交的自评记为逾期未交"),), _("年度自评已结束。"),
    actions.close_self_round,
))  # fmt: skip
open_scores = _view(Step(
    "moderate", _("打开评分，进入合议"),
    (_("评估组和街道可以看到全部评分"), _("差距超过限度的指标列出来合议"), _("评分不能再改")),
    _("评分已打开。"), actions.open_scores,
))  # fmt: skip
send_facts = _view(Step(
    "send_facts", _("计算结果，送机构核对事实"),
    (_("按已定的规则计算总分和等级"), _("各机构收到结果草稿，可以指出事实错误")),
    _("结果草稿已送机构核对。"), actions.send_facts,
))  # fmt: skip
propose_notice = _view(Step(
    "propose_notice", _("提请公示"),
    (_("由另一人看过预览后公示"), _("公示期间机构可以提出异议")),
    _("已提请公示，由另一人决定。"), actions.propose_notice,
))  # fmt: skip
close_notice = _view(Step(
    "close_notice", _("结束公示，提交委员会审定"), (_("公示期已过、异议都已答复的才能结束"),),
    _("已结束公示，请召开审定会。"), actions.close_notice,
))  # fmt: skip
propose_result = _view(Step(
    "propose_result", _("提请公布结果"),
    (_("由另一人看过预览后公布"), _("公布后等级写入机构档案，并向机构发出通知书")),
    _("已提请公布，由另一人决定。"), actions.propose_result,
))  # fmt: skip
cancel = _view(Step(
    "cancel", _("取消评估"), (_("已有的评分只作留存，不再使用"), _("参加的机构和委员会收到通知")),
    _("评估已取消。"), actions.cancel_round, asks_reason=True, danger=True,
))  # fmt: skip
