"""Meetings of the committee: call, sign in, vote, minutes, decide."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms import desk as forms
from evaluations.models import Evaluation, EvaluationRound, Meeting
from evaluations.models.choices import MeetingKind
from evaluations.queries import meetings as queries
from evaluations.queries import results, scores
from portal.core.pages import Request, offers, posted, shows

from .frame import OFFICE, act_page, crumbs


def _steps(meeting: Meeting, request: Request) -> list[tuple[str, str]]:
    round_, user = meeting.round, request.user
    return [(round_.number, round_.url_for(user)), (_("会议"), meeting.url_for(user))]


@offers(EvaluationRound, "call", key="number")
def meeting_new(request: Request, round_: EvaluationRound) -> HttpResponse:
    """Call the panel together."""
    kind = "decision" if round_.state == "decision" else "moderation"
    form = forms.MeetingForm(posted(request), initial={"kind": kind, "planned_on": request.today})

    def act() -> str:
        given = form.cleaned_data
        actions.call_meeting(
            round_, given["kind"], form.when, given["place"], by=request.actor, at=request.at
        )
        return _("已通知评估组开会。")

    back = round_.url_for(request.user)
    return act_page(request, form, _("召开会议"), back, act, round=round_,
                    steps=[(round_.number, back)])  # fmt: skip


@shows(Meeting, roles=OFFICE)
def meeting(request: Request, meeting: Meeting) -> HttpResponse:
    """One meeting: who was there, how they voted, what was written down."""
    tally = results.tally(meeting)
    seen = scores.evaluations_of(meeting.round, request.user)
    context = {
        "meeting": meeting,
        "round": meeting.round,
        "attendances": queries.attendances_of(meeting),
        "rows": [(each, tally[each.pk]) for each in seen],
        "voted_down": bool(results.voted_down(tally)),
        "crumbs": crumbs(*_steps(meeting, request)[:1], (_("会议"), "")),
    }
    return render(request, "evaluations/desk/meeting.html", context)


@offers(Meeting, "hold")
def meeting_hold(request: Request, meeting: Meeting) -> HttpResponse:
    """Who is there; without two thirds it does not begin."""
    seats = [each.member for each in queries.attendances_of(meeting)]
    form = forms.PresenceForm(posted(request), seats=seats)

    def act() -> str:
        here = [uuid.UUID(key) for key in form.cleaned_data["present"]]
        actions.hold_meeting(meeting, here, by=request.actor, at=request.at)
        return _("到会人数符合要求，会议开始。")

    return _guarded(request, meeting, form, _("签到"), act)


def _guarded(request: Request, meeting: Meeting, form: Any, title: str, act: Any
             ) -> HttpResponse:  # fmt: skip
    """The page of an act in a meeting; too few members or a wrong vote is told at the form."""

    def guarded() -> str:
        try:
            return str(act())
        except actions.NoQuorum as few:
            form.add_error(None, _too_few(few))
        except actions.MayNotVote:
            form.add_error(None, _("只有到会、不须回避的委员可以表决"))
        raise actions.NotReady([])

    back = meeting.url_for(request.user)
    return act_page(request, form, title, back, guarded, steps=_steps(meeting, request))


def _too_few(few: actions.NoQuorum) -> str:
    """Who is missing, of the panel or of those who may vote on one facility."""
    words = _("到会 %(here)s 人，评估组共 %(all)s 人，不足三分之二，不能开会")
    if few.facility:
        words = _(
            "可以对%(facility)s表决的委员共 %(all)s 人，到会 %(here)s 人，不足三分之二，"
            "不能开审定会"
        )
    return words % {"here": few.present, "all": few.members, "facility": few.facility}


@offers(Meeting, "vote")
def meeting_vote(request: Request, meeting: Meeting, code: str) -> HttpResponse:
    """How those present voted on one facility."""
    evaluation = _evaluation(request, meeting, code)
    form = forms.VotesForm(
        posted(request), seats=queries.voters_of(meeting, evaluation),
        given=results.votes_of(meeting, evaluation),
    )  # fmt: skip

    def act() -> str:
        votes = {uuid.UUID(key): choice for key, choice in form.votes.items()}
        actions.record_votes(meeting, evaluation, votes, by=request.actor, at=request.at)
        return _("已记下对%(name)s的表决。") % {"name": evaluation.facility.name}

    title = _("表决：%(name)s") % {"name": evaluation.facility.name}
    return _guarded(request, meeting, form, title, act)


def _evaluation(request: Request, meeting: Meeting, code: str) -> Evaluation:
    found = scores.evaluations_of(meeting.round, request.user).filter(facility__code=code).first()
    if found is None:
        raise Http404
    return found


@offers(Meeting, "close")
def meeting_close(request: Request, meeting: Meeting) -> HttpResponse:
    """The minutes are final."""
    form = forms.MinutesForm(posted(request))

    def act() -> str:
        minutes = form.cleaned_data["minutes"]
        actions.close_meeting(meeting, minutes, by=request.actor, at=request.at)
        return _("会议记录已定稿。")

    return _guarded(request, meeting, form, _("会议记录"), act)


@offers(EvaluationRound, "decide", key="number")
def meeting_decide(request: Request, round_: EvaluationRound, meeting: uuid.UUID) -> HttpResponse:
    """Freeze what the committee agreed to in this meeting."""
    found = _deciding(request, round_, meeting)
    form = forms.StepForm(posted(request))
    form.submit_label = _("按表决登记审定结果")

    def act() -> str:
        actions.decide(round_, found, by=request.actor, at=request.at)
        return _("审定结果已登记，可以提请公布。")

    back = round_.url_for(request.user)
    return act_page(request, form, _("登记审定结果"), back, act, round=round_, effects=_effects(),
                    steps=[(round_.number, back)])  # fmt: skip


@offers(EvaluationRound, "reconsider", key="number")
def reconsider(request: Request, round_: EvaluationRound, meeting: uuid.UUID) -> HttpResponse:
    """The committee did not agree: the panel takes the disputed items up again."""
    found = _deciding(request, round_, meeting)
    form = forms.ReasonForm(posted(request))
    form.submit_label = _("退回评估组重新合议")

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.reconsider(round_, found, reason, by=request.actor, at=request.at)
        return _("已退回评估组，请把有争议的指标提交合议。")

    back = round_.url_for(request.user)
    return act_page(request, form, _("退回合议"), back, act, round=round_,
                    effects=_way_back(), steps=[(round_.number, back)])  # fmt: skip


def _way_back() -> list[str]:
    """What sending a result back brings about."""
    return [
        _("评估组收到消息，可以重新商定有争议的指标"),
        _("合议以后重新核对事实、公示、受理异议，再召开审定会"),
    ]


def _deciding(request: Request, round_: EvaluationRound, meeting: uuid.UUID) -> Meeting:
    """The meeting in the path, if it is one that decides."""
    seen = Meeting.objects.visible_to(request.user).filter(round=round_, kind=MeetingKind.DECISION)
    found: Meeting | None = seen.filter(pk=meeting).first()
    if found is None:
        raise Http404
    return found


def _effects() -> list[str]:
    """What recording a decision brings about."""
    return [
        _("每家机构的结果须有到会、不须回避的委员过半数同意"),
        _("结果从此固定，变更须有新版次和原因"),
    ]
