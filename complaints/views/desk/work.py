"""Working on a case: questions, messages, the clock, the facility's account, other authorities."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from complaints import actions, papers
from complaints.forms import desk as desk_forms
from complaints.models import Complaint, StatementRequest
from complaints.queries import casework
from facilities.models import Transfer
from facilities.queries.departments import answering
from facilities.rules import leads as transfer_rules
from inspections.queries.visits import checklist_in_use
from portal.core import permissions
from portal.core.pages import Request, offers, posted
from portal.core.queries import in_force, working_calendar

from .acting import act_on


@offers(Complaint, "investigate")
def complaint_investigate(request: Request, complaint: Complaint) -> HttpResponse:
    """Work begins."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("开始核查"))

    def act() -> str:
        actions.start_investigation(complaint, by=request.actor, at=request.at)
        return _("已开始核查。")

    says = _("投诉人会看到“正在调查”。")
    return act_on(request, complaint, form, _("开始核查"), act, says=says)


@offers(Complaint, "ask")
def complaint_ask(request: Request, complaint: Complaint) -> HttpResponse:
    """A question; the clock stands still until the answer."""
    return _asked(request, complaint)


@offers(Complaint, "ask_discipline")
def complaint_ask_discipline(request: Request, complaint: Complaint) -> HttpResponse:
    """The same, asked by the discipline inspectors: the answer comes back to them alone."""
    return _asked(request, complaint)


def _asked(request: Request, complaint: Complaint) -> HttpResponse:
    form = desk_forms.TextForm(
        posted(request), label=_("要问的"), submit=_("发出提问"),
        help_text=_("投诉人凭编号和查询码看到并回答，匿名的也一样；等回答时计时暂停"),
    )  # fmt: skip

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.ask_complainant(complaint, text, by=request.actor, at=request.at)
        return _("已发出提问，等投诉人回答。")

    return act_on(request, complaint, form, _("向投诉人提问"), act)


@offers(Complaint, "write")
def complaint_write(request: Request, complaint: Complaint) -> HttpResponse:
    """A message that asks nothing."""
    form = desk_forms.TextForm(
        posted(request), label=_("留言"), submit=_("发出留言"),
        help_text=_("投诉人凭编号和查询码看到"),
    )  # fmt: skip

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.write_to_complainant(complaint, text, by=request.actor, at=request.at)
        return _("已发出留言。")

    return act_on(request, complaint, form, _("给投诉人留言"), act)


@offers(Complaint, "resume")
def complaint_resume(request: Request, complaint: Complaint) -> HttpResponse:
    """No answer is waited for any longer."""
    return _resumed(request, complaint)


@offers(Complaint, "resume_discipline")
def complaint_resume_discipline(request: Request, complaint: Complaint) -> HttpResponse:
    """The discipline inspectors go on with what they know."""
    return _resumed(request, complaint)


def _resumed(request: Request, complaint: Complaint) -> HttpResponse:
    form = desk_forms.ConfirmForm(posted(request), submit=_("继续办理"))

    def act() -> str:
        actions.go_on_without_answer(complaint, by=request.actor, at=request.at)
        return _("已继续办理，计时恢复。")

    says = _("不再等投诉人或机构的回答，凭已知的情况继续办理；以后的回答仍会收到。")
    return act_on(request, complaint, form, _("不再等待，继续办理"), act, says=says)


@offers(Complaint, "pause")
def complaint_pause(request: Request, complaint: Complaint) -> HttpResponse:
    """The clock stands still; the reason is kept."""
    form = desk_forms.PauseForm(posted(request))

    def act() -> str:
        kind, reason = form.cleaned_data["kind"], form.cleaned_data["reason"]
        actions.pause_clock(complaint, kind, reason, by=request.actor, at=request.at)
        return _("计时已暂停。")

    days = in_force(request.today).table("complaints.pause_working_days")
    says = _("补正最多暂停 %(correction)s 个工作日，检测、鉴定最多 %(expert)s 个，到期自动恢复。")
    return act_on(request, complaint, form, _("暂停计时"), act, says=says % days)


@offers(Complaint, "end_pause")
def complaint_end_pause(request: Request, complaint: Complaint) -> HttpResponse:
    """The clock runs on; the days that stood still are given back."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("恢复计时"))

    def act() -> str:
        actions.end_pause(complaint, by=request.actor, at=request.at)
        return _("计时已恢复。")

    says = _("暂停的工作日会加到办结期限上。")
    return act_on(request, complaint, form, _("恢复计时"), act, says=says)


@offers(Complaint, "extend")
def complaint_extend(request: Request, complaint: Complaint) -> HttpResponse:
    """More days, once, by somebody other than the handler."""
    form = desk_forms.ReasonForm(posted(request), submit=_("延长期限"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.extend_clock(complaint, reason, by=request.actor, at=request.at)
        return _("期限已延长，并已告知投诉人。")

    says = _("只能延长一次，投诉人会看到新的期限。")
    return act_on(request, complaint, form, _("延长期限"), act, says=says)


@offers(Complaint, "open_inspection")
def complaint_open_inspection(request: Request, complaint: Complaint) -> HttpResponse:
    """An unannounced visit with the checklist of the matter."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("安排检查"))

    def act() -> str:
        visit = actions.open_visit(complaint, by=request.actor, at=request.at)
        return _("已安排不打招呼的检查 %(number)s。") % {"number": visit.number}

    version = checklist_in_use(actions.checklist_for(complaint, request.today))
    words = {"list": version.checklist.name}
    says = _("用“%(list)s”。检查上只写“监督检查”，不写这件投诉。") % words
    return act_on(request, complaint, form, _("安排检查"), act, says=says)


# --- the facility's account (two officials) -----------------------------------------------------


@offers(Complaint, "request_statement")
def complaint_request_statement(request: Request, complaint: Complaint) -> HttpResponse:
    """The question in the office's own words; another official checks it."""
    form = desk_forms.StatementForm(posted(request), submit=_("送另一人核对"))

    def act() -> str:
        summary = form.cleaned_data["summary"]
        made = actions.request_statement(complaint, summary, by=request.actor, at=request.at)
        return _("已写好 %(number)s，等另一人核对后发给机构。") % {"number": made.number}

    return act_on(request, complaint, form, _("请机构说明"), act, original=complaint.told)


@offers(StatementRequest, "rewrite")
def statement_rewrite(request: Request, statement: StatementRequest) -> HttpResponse:
    """Another wording."""
    initial = {"summary": statement.summary}
    form = desk_forms.StatementForm(posted(request), submit=_("送另一人核对"), initial=initial)

    def act() -> str:
        summary = form.cleaned_data["summary"]
        actions.rewrite_statement(statement, summary, by=request.actor, at=request.at)
        return _("已改写，等另一人核对。")

    return _on_statement(request, statement, form, _("改写问题摘要"), act, original=True)


@offers(StatementRequest, "release")
def statement_release(request: Request, statement: StatementRequest) -> HttpResponse:
    """The second person has compared it with the original."""
    form = desk_forms.SeenForm(
        posted(request), submit=_("核对无误，发给机构"), now=statement.summary
    )

    def act() -> str:
        actions.release_statement(statement, by=request.actor, at=request.at)
        return _("已核对，下一个工作日统一发给机构。")

    return _on_statement(request, statement, form, _("核对问题摘要"), act, original=True)


@offers(StatementRequest, "hand_back")
def statement_hand_back(request: Request, statement: StatementRequest) -> HttpResponse:
    """The second person wants another wording."""
    form = desk_forms.ReasonForm(posted(request), submit=_("退回改写"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hand_back_statement(statement, reason, by=request.actor, at=request.at)
        return _("已退回改写。")

    return _on_statement(request, statement, form, _("退回问题摘要"), act)


def _on_statement(
    request: Request, statement: StatementRequest, form: Any, words: str, act: Any,
    *, original: bool = False,
) -> HttpResponse:  # fmt: skip
    case = statement.complaint
    told = case.told if original else None
    return act_on(request, case, form, words, act, statement=statement, original=told)


# --- other authorities --------------------------------------------------------------------------


@offers(Complaint, "refer")
def complaint_refer(request: Request, complaint: Complaint) -> HttpResponse:
    """Send the letter that hands the matter on."""
    form = desk_forms.ReferForm(
        posted(request), initial={"facts": complaint.summary}, day=request.today
    )

    def act() -> str:
        to, facts = form.cleaned_data["department"], form.cleaned_data["facts"]
        sent = actions.refer_complaint(complaint, to, facts, by=request.actor, at=request.at)
        return _("已发出移送函 %(number)s，并已告知投诉人。") % {"number": sent.number}

    return act_on(
        request, complaint, form, _("转有关部门"), act, preview=_letter(request, complaint, form)
    )


def _letter(request: Request, complaint: Complaint, form: Any) -> dict[str, Any]:
    """The letter as it would read with the first department and what stands in the form."""
    first = answering(request.today).first()
    if first is None:
        return {}
    due = transfer_rules.transfer_due(request.today, in_force(request.today), working_calendar())
    facts = form["facts"].value() or _("（这里写移送的情况）")
    blocks = papers.referral_blocks(complaint, first, first.matter_on(request.today), facts, due)
    return {"title": "问题线索移送函", "blocks": blocks}


@offers(Complaint, "note")
def complaint_receipt(request: Request, complaint: Complaint, letter: uuid.UUID) -> HttpResponse:
    """The other authority's receipt has come."""
    transfer = _transfer(request, complaint, letter, "acknowledge")
    form = desk_forms.ReceiptForm(posted(request), today=request.today, since=transfer.sent_on)

    def act() -> str:
        day = form.cleaned_data["on"]
        actions.note_referral_receipt(complaint, transfer, day, by=request.actor, at=request.at)
        return _("已记下回执。")

    return act_on(request, complaint, form, _("移送回执"), act, transfer=transfer)


@offers(Complaint, "note")
def complaint_feedback(request: Request, complaint: Complaint, letter: uuid.UUID) -> HttpResponse:
    """The other authority has told what it found or did."""
    transfer = _transfer(request, complaint, letter, "answer")
    form = desk_forms.FeedbackForm(posted(request), today=request.today, since=transfer.sent_on)

    def act() -> str:
        day, result = form.cleaned_data["on"], form.cleaned_data["result"]
        actions.note_referral_result(
            complaint, transfer, day, result, by=request.actor, at=request.at
        )
        return _("已记下反馈。")

    return act_on(request, complaint, form, _("移送反馈"), act, transfer=transfer)


def _transfer(request: Request, complaint: Complaint, letter: uuid.UUID, act: str) -> Transfer:
    """A letter of this case, for somebody who may note what came back."""
    found = casework.transfer_of(complaint, letter)
    if found is None:
        raise Http404
    if not permissions.holds_right(request.user, act, found):
        raise PermissionDenied
    return found
