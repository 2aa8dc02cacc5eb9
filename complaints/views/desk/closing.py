"""The end of a case by two people, the legal hold, and what the discipline inspectors do."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import actions, queries
from complaints.forms import desk as desk_forms
from complaints.models import Complaint
from complaints.queries import casework
from facilities.models.review import PhraseUse
from portal.core.pages import Request, offers, posted

from .acting import act_on


@offers(Complaint, "propose_reply")
def complaint_propose_reply(request: Request, complaint: Complaint) -> HttpResponse:
    """Result, evidence, and the text; a second person decides."""
    form = _reply_form(request, complaint)

    def act() -> str:
        given = [form.cleaned_data[name] for name in ("result", "evidence", "text")]
        why = form.cleaned_data.get("why", "")
        actions.propose_reply(complaint, *given, by=request.actor, at=request.at, why=why)
        return _("已送另一人审签。")

    return act_on(request, complaint, form, _("提出答复"), act, says=_read_by(request, complaint))


def _read_by(request: Request, complaint: Complaint) -> str:
    """Who else reads the text: those merged under the case, who know nothing of each other."""
    ending = complaint.machine["close_with_parent"].sources
    others = sum(each.state in ending for each in queries.children_of(complaint, request.user))
    words = ngettext(
        "并入本件的 %(n)s 件的投诉人也会看到同一份答复，不要写只有一位投诉人才知道的情况。",
        "并入本件的 %(n)s 件的投诉人也会看到同一份答复，不要写只有一位投诉人才知道的情况。",
        others,
    )
    return words % {"n": others} if others else ""


def _reply_form(request: Request, complaint: Complaint) -> desk_forms.ReplyForm:
    initial = {
        "result": complaint.result, "evidence": complaint.evidence_text,
        "text": complaint.reply_text,
    }  # fmt: skip
    return desk_forms.ReplyForm(
        posted(request),
        initial=initial,
        found_nothing=queries.visit_found_nothing(complaint),
        phrases=casework.phrases_of(complaint, request.user, PhraseUse.REPLY, request.today),
    )


@offers(Complaint, "approve_reply")
def complaint_approve_reply(request: Request, complaint: Complaint) -> HttpResponse:
    """The second person agrees: everybody merged under it is answered too."""
    read = f"{complaint.result}\n{complaint.evidence_text}\n{complaint.reply_text}"
    form = desk_forms.SeenForm(posted(request), submit=_("同意，答复投诉人"), now=read)

    def act() -> str:
        actions.approve_reply(complaint, by=request.actor, at=request.at)
        return _("已办结并答复投诉人。")

    more = {"reply": _reply(complaint), "says": _read_by(request, complaint)}
    return act_on(request, complaint, form, _("审签答复"), act, **more)


@offers(Complaint, "hand_back")
def complaint_hand_back(request: Request, complaint: Complaint) -> HttpResponse:
    """The second person wants another result or text."""
    form = desk_forms.ReasonForm(posted(request), submit=_("退回修改"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hand_back_reply(complaint, reason, by=request.actor, at=request.at)
        return _("已退回修改。")

    return act_on(request, complaint, form, _("退回答复"), act, reply=_reply(complaint))


def _reply(complaint: Complaint) -> list[tuple[str, Any]]:
    """What is to be decided about."""
    why = queries.why_upheld(complaint)
    return [
        (_("结果"), complaint.get_result_display()),
        *([(_("检查没有发现问题，仍认定属实的理由"), why)] if why else []),
        (_("依据"), complaint.evidence_text),
        (_("给投诉人的答复"), complaint.reply_text),
        (_("提出人"), complaint.proposed_by.signature_label if complaint.proposed_by else ""),
    ]


@offers(Complaint, "propose_outcome")
def complaint_outcome(request: Request, complaint: Complaint) -> HttpResponse:
    """A sentence for the facility's page; the gate asks another person."""
    form = desk_forms.TextForm(
        posted(request),
        label=_("处理结果"),
        submit=_("提请公示"),
        help_text=_("一两句话：查实了什么、怎么处理；不写投诉人、孩子和具体日期"),
    )

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.propose_outcome(complaint, text, by=request.actor, at=request.at)
        return _("已提请公示，等另一人审核。")

    says = _("公示后，居民在机构页面看到事项、办结月份和这段话。")
    return act_on(request, complaint, form, _("公示处理结果"), act, says=says)


@offers(Complaint, "hold")
def complaint_hold(request: Request, complaint: Complaint) -> HttpResponse:
    """Nothing is destroyed until another person lifts it."""
    form = desk_forms.ReasonForm(
        posted(request), submit=_("保留"), help_text=_("例如：已立案，公安要求保留")
    )

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hold_complaint(complaint, reason, by=request.actor, at=request.at)
        return _("已保留，不按期销毁。")

    says = _("保留由另一人解除。")
    return act_on(request, complaint, form, _("保留，不按期销毁"), act, says=says)


@offers(Complaint, "lift_hold")
def complaint_lift_hold(request: Request, complaint: Complaint) -> HttpResponse:
    """It ends by another hand than the one that set it."""
    form = desk_forms.ReasonForm(posted(request), submit=_("解除保留"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.lift_hold(complaint, reason, by=request.actor, at=request.at)
        return _("已解除保留。")

    says = _("保留的原因：%(why)s") % {"why": complaint.hold_reason}
    return act_on(request, complaint, form, _("解除保留"), act, says=says)


@offers(Complaint, "take_over")
def complaint_take_over(request: Request, complaint: Complaint) -> HttpResponse:
    """The discipline inspectors take it; nobody of the office sees it."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("受理"))

    def act() -> str:
        actions.take_over_discipline(complaint, by=request.actor, at=request.at)
        return _("纪工委已受理。")

    says = _("反映街道工作人员的问题，只有纪工委的人员看得到。")
    return act_on(request, complaint, form, _("纪工委受理"), act, says=says)


@offers(Complaint, "answer_discipline")
def complaint_answer_discipline(request: Request, complaint: Complaint) -> HttpResponse:
    """Their answer to the complainant."""
    form = desk_forms.DisciplineForm(posted(request))

    def act() -> str:
        result, text = form.cleaned_data["result"], form.cleaned_data["text"]
        actions.answer_discipline(complaint, result, text, by=request.actor, at=request.at)
        return _("已答复投诉人。")

    return act_on(request, complaint, form, _("答复投诉人"), act)
