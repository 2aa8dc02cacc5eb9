"""What the calendar does for the evaluation, and how its messages read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations import actions
from evaluations.models import (
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    Evaluator,
    IndicatorSet,
)
from evaluations.models.choices import RoundKind
from evaluations.models.rounds import NOTICE, RESULT
from evaluations.queries import calendar, indicators, results
from evaluations.rules import schedule
from evaluations.workflow import RoundStatus
from inspections.models import Finding
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import User
from portal.core.outbox import Words, words
from portal.core.queries import in_force
from portal.core.rounds import each
from portal.core.tasks import on_calendar
from portal.core.templatetags.portal import cn_date
from portal.core.topics import Topic

Params = Mapping[str, str]


# --- what time brings -----------------------------------------------------------------------------


@on_calendar
def plan_evaluations(at: dt.datetime) -> int:
    """Note which facilities are to be evaluated again soon, and begin rounds for those due."""
    near = calendar.nearly_due(clock.day_of(at), in_force(clock.day_of(at)))
    planned = each(near, actions.plan_facility, at)
    if indicators.newest_published() is None:
        return planned
    return planned + each(calendar.untaken(clock.day_of(at)), actions.begin_due, at)


@on_calendar
def begin_self_assessments(at: dt.datetime) -> int:
    """The year's self-assessment of all facilities, from its day on."""
    day = clock.day_of(at)
    law = in_force(day)
    opens = schedule.day_in_year(day.year, law.text("evaluations.self_month_days", "open"))
    closes = schedule.day_in_year(day.year, law.text("evaluations.self_month_days", "due"))
    if not opens <= day <= closes or indicators.newest_published() is None:
        return 0
    return actions.begin_self_round(day.year, at=at)


@on_calendar
def end_self_assessments(at: dt.datetime) -> int:
    """Rounds whose time for self-assessment has passed go on (or end)."""
    return each(calendar.self_over(clock.day_of(at)), _end_self, at)


def _end_self(round_: EvaluationRound, *, at: dt.datetime) -> int:
    is_self = round_.kind == RoundKind.SELF
    act = actions.close_self_round if is_self else actions.open_scoring
    act(round_, by=Actor.calendar(), at=at)
    return 1


@on_calendar
def take_up_publications(at: dt.datetime) -> int:
    """Notices and results that a second person has made public move their rounds on."""
    moved = 0
    for state, kind, act in (
        (RoundStatus.FACT_CHECK, NOTICE, actions.announce),
        (RoundStatus.DECISION, RESULT, actions.finish),
    ):
        published = {r.pk: text for r, text in results.awaiting_gate(state, kind)}
        rounds = EvaluationRound.objects.filter(pk__in=published)

        def move(round_: EvaluationRound, *, at: dt.datetime, act: Any = act,
                 texts: Any = published) -> int:  # fmt: skip
            act(round_, texts[round_.pk], by=Actor.calendar(), at=at)
            return 1

        moved += each(rounds, move, at)
    return moved


@on_calendar
def ask_for_grades(at: dt.datetime) -> int:
    """Grades in question since a grave finding was proven."""
    pairs = results.asked_for_grade(clock.day_of(at))
    graded = {finding.pk: evaluation for evaluation, finding in pairs}

    def ask(finding: Finding, *, at: dt.datetime) -> int:
        return actions.ask_for_grade(graded[finding.pk], finding, at=at)

    return each([finding for _evaluation, finding in pairs], ask, at)


@on_calendar
def close_notices(at: dt.datetime) -> int:
    """Notices that have run out, with every objection answered."""
    return each(results.notices_over(clock.day_of(at)), _close, at)


def _close(round_: EvaluationRound, *, at: dt.datetime) -> int:
    actions.close_notice(round_, by=Actor.calendar(), at=at)
    return 1


@on_calendar
def remind_of_days(at: dt.datetime) -> int:
    """Everybody, before and after each date."""
    return (
        each(calendar.self_waiting_to_start(), actions.remind_of_start, at)
        + each(calendar.self_waiting(), actions.remind_of_self, at)
        + each(calendar.scoring(), actions.remind_of_scoring, at)
        + each(calendar.shown_to_facilities(), actions.remind_of_facts, at)
        + each(calendar.objections(), actions.remind_of_objection, at)
        + each(calendar.plans(), actions.remind_of_plan, at)
        + each(calendar.terms_running_out(clock.day_of(at)), actions.remind_of_term, at)
    )


# --- how messages read ----------------------------------------------------------------------------


def _due(params: Params) -> str:
    day = params.get("due", "")
    if not day or day == "None":
        return params.get("reason", "")
    return _("期限：%(day)s") % {"day": cn_date(dt.date.fromisoformat(day))}


def _of(noun: Any) -> dict[str, str]:
    """What the sentences name: round, facility, number."""
    evaluation = noun if isinstance(noun, Evaluation) else getattr(noun, "evaluation", None)
    round_ = noun if isinstance(noun, EvaluationRound) else getattr(noun, "round", None)
    if evaluation is not None:
        round_ = evaluation.round
    return {
        "round": round_.title if round_ else "",
        "facility": evaluation.facility.name if evaluation else "",
        "number": getattr(noun, "number", ""),
        "member": str(noun) if isinstance(noun, Evaluator) else "",
    }


# Kind, sentence, whether it is a task, a result or a reminder.
_MESSAGES: tuple[tuple[str, Any, Topic], ...] = (
    ("round.drawn", gettext_lazy("您被抽取为评估组成员：%(round)s"), Topic.TASK),
    ("round.leads", gettext_lazy("您现在担任评估组组长：%(round)s"), Topic.TASK),
    ("round.scoring", gettext_lazy("可以开始评分：%(round)s"), Topic.TASK),
    ("round.urged", gettext_lazy("请提交评分表：%(round)s"), Topic.REMINDER),
    ("round.cancelled", gettext_lazy("评估已取消：%(round)s"), Topic.RESULT),
    ("round.recused", gettext_lazy("有委员申报回避：%(round)s"), Topic.TASK),
    ("round.all_in", gettext_lazy("评分表已全部提交：%(round)s"), Topic.TASK),
    ("round.moderation", gettext_lazy("请合议：%(round)s"), Topic.TASK),
    ("round.reconsider", gettext_lazy("有结果未获委员会通过，请重新合议：%(round)s"), Topic.TASK),
    ("round.agreed", gettext_lazy("合议已完成：%(round)s"), Topic.TASK),
    ("round.to_decide", gettext_lazy("公示已结束，请召开审定会：%(round)s"), Topic.TASK),
    ("self.open", gettext_lazy("请进行质量自评：%(round)s"), Topic.TASK),
    ("self.reopened", gettext_lazy("质量自评退回，请修改：%(round)s"), Topic.TASK),
    ("self.submitted", gettext_lazy("%(facility)s提交了质量自评"), Topic.TASK),
    ("self.closed", gettext_lazy("年度自评已结束：%(round)s"), Topic.RESULT),
    ("self.round", gettext_lazy("年度自评已建立，请另一人启动：%(round)s"), Topic.TASK),
    ("sheet.returned", gettext_lazy("评分表退回：%(facility)s"), Topic.TASK),
    ("skip.asked", gettext_lazy("有指标申请不适用：%(facility)s"), Topic.TASK),
    ("skip.answered", gettext_lazy("不适用申请已答复：%(facility)s"), Topic.RESULT),
    ("meeting.called", gettext_lazy("请参加评估组会议：%(round)s"), Topic.TASK),
    ("facts.open", gettext_lazy("请核对评估结果草稿中的事实：%(round)s"), Topic.TASK),
    ("facts.told", gettext_lazy("%(facility)s指出了事实错误"), Topic.TASK),
    ("facts.answered", gettext_lazy("事实核对已答复：%(round)s"), Topic.RESULT),
    ("notice.open", gettext_lazy("评估结果已公示：%(round)s"), Topic.RESULT),
    ("objection.filed", gettext_lazy("收到异议：%(facility)s（%(number)s）"), Topic.TASK),
    ("objection.assigned", gettext_lazy("请复核异议：%(facility)s（%(number)s）"), Topic.TASK),
    ("objection.proposed", gettext_lazy("待审定的异议答复：%(number)s"), Topic.TASK),
    ("objection.handed_back", gettext_lazy("异议复核退回：%(number)s"), Topic.TASK),
    ("objection.answered", gettext_lazy("异议已答复：%(number)s"), Topic.RESULT),
    ("result.published", gettext_lazy("评估结果已公布：%(round)s"), Topic.RESULT),
    ("result.changed", gettext_lazy("评估结果有新的版次：%(round)s"), Topic.RESULT),
    ("amendment.proposed", gettext_lazy("待审定的结果变更：%(facility)s"), Topic.TASK),
    ("amendment.refused", gettext_lazy("结果不予变更：%(facility)s"), Topic.RESULT),
    ("plan.submitted", gettext_lazy("%(facility)s提交了改进计划"), Topic.TASK),
    ("plan.accepted", gettext_lazy("改进计划已同意：%(round)s"), Topic.RESULT),
    ("plan.returned", gettext_lazy("改进计划退回，请修改：%(round)s"), Topic.TASK),
    ("plan.again", gettext_lazy("%(facility)s申请再次评估"), Topic.TASK),
    ("self_start.after", gettext_lazy("年度自评还没有启动，请核对后启动：%(round)s"),
     Topic.REMINDER),
    ("self_due.before", gettext_lazy("质量自评快到期：%(round)s"), Topic.REMINDER),
    ("self_due.after", gettext_lazy("质量自评已超期：%(round)s"), Topic.REMINDER),
    ("scoring_due.before", gettext_lazy("评分快到期：%(round)s"), Topic.REMINDER),
    ("scoring_due.after", gettext_lazy("评分已超期：%(round)s"), Topic.REMINDER),
    ("objection_due.before", gettext_lazy("异议答复快到期：%(number)s"), Topic.REMINDER),
    ("objection_due.after", gettext_lazy("异议答复已超期：%(number)s"), Topic.REMINDER),
    ("plan_due.before", gettext_lazy("改进计划快到期：%(round)s"), Topic.REMINDER),
    ("plan_due.after", gettext_lazy("改进计划已超期：%(round)s"), Topic.REMINDER),
    ("facts_due.before", gettext_lazy("核对事实的期限快到了：%(round)s"), Topic.REMINDER),
    ("term_due.before", gettext_lazy("评估委员任期快到期：%(member)s"), Topic.REMINDER),
    ("notice_due.before", gettext_lazy("公示期快结束，有异议请提出：%(round)s"), Topic.REMINDER),
)  # fmt: skip


def _say(kind: str, sentence: Any, topic: Topic) -> None:
    """Register one sentence."""

    def wording(noun: Any, params: Params, person: User) -> Words:
        return Words(str(sentence) % _of(noun), _due(params), noun.url_for(person))

    words(kind, topic)(wording)


for _message in _MESSAGES:
    _say(*_message)


@words("grade.asked", Topic.TASK)
def _grade_asked(evaluation: Evaluation, params: Params, person: User) -> Words:
    facts = {"facility": evaluation.facility.name}
    title = _("有已确认的重大问题，请处理质量等级（暂停使用或者降低）：%(facility)s") % facts
    words_ = _("问题编号：%(number)s") % {"number": params.get("finding", "")}
    return Words(title, words_, evaluation.url_for(person))


@words("indicatorset.proposed", Topic.TASK)
def _set_proposed(set_: IndicatorSet, params: Params, person: User) -> Words:
    return Words(_("待审定的指标体系：%(set)s") % {"set": set_}, "", set_.url_for(person))


@words("indicatorset.handed_back", Topic.TASK)
def _set_back(set_: IndicatorSet, params: Params, person: User) -> Words:
    return Words(_("指标体系退回：%(set)s") % {"set": set_}, set_.reason, set_.url_for(person))


@words("due.planned", Topic.REMINDER)
def _due_planned(due: DueEvaluation, params: Params, person: User) -> Words:
    title = _("快到再次评估的日期：%(facility)s") % {"facility": due.facility.name}
    return Words(title, _due(params), reverse("desk:evaluations"))


@words("due.today", Topic.TASK)
def _due_today(due: DueEvaluation, params: Params, person: User) -> Words:
    title = _("已到再次评估的日期，已建立评估：%(facility)s") % {"facility": due.facility.name}
    return Words(title, _due(params), reverse("desk:evaluations"))
