"""Who complained: a reason and a second person (diff:23). And keeping away from a case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.forms import desk as desk_forms
from complaints.models import Complaint, ContactReveal
from portal.core.pages import READ_AND_WRITE, Request, offers, posted, shows

from .acting import act_on, back, way_to
from .lists import READERS


@offers(Complaint, "ask_contact")
def complaint_ask_contact(request: Request, complaint: Complaint) -> HttpResponse:
    """Ask, with a reason; another person decides."""
    form = desk_forms.ReasonForm(
        posted(request), submit=_("申请查看"), help_text=_("会记在办理记录里，例如：约定当面核实")
    )

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.ask_contact(complaint, reason, by=request.actor, at=request.at)
        return _("已申请，等另一人同意。")

    says = _("能用留言和提问办的，不需要看联系方式。要另一人同意，每次查看都有记录。")
    return act_on(request, complaint, form, _("申请查看联系方式"), act, says=says)


@offers(ContactReveal, "grant")
def reveal_grant(request: Request, reveal: ContactReveal) -> HttpResponse:
    """The second person agrees."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("同意查看"))

    def act() -> str:
        actions.grant_contact(reveal, by=request.actor, at=request.at)
        return _("已同意，只有申请人能看。")

    return act_on(request, reveal.complaint, form, _("同意查看联系方式"), act, says=_asked(reveal))


@offers(ContactReveal, "refuse")
def reveal_refuse(request: Request, reveal: ContactReveal) -> HttpResponse:
    """The second person does not agree."""
    form = desk_forms.ReasonForm(posted(request), submit=_("不同意查看"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.refuse_contact(reveal, reason, by=request.actor, at=request.at)
        return _("未同意。")

    return act_on(
        request, reveal.complaint, form, _("不同意查看联系方式"), act, says=_asked(reveal)
    )


def _asked(reveal: ContactReveal) -> str:
    words = {"who": reveal.asked_by.signature_label, "why": reveal.reason}
    return _("%(who)s申请查看，理由：%(why)s") % words


@offers(ContactReveal, "open")
def reveal_open(request: Request, reveal: ContactReveal) -> HttpResponse:
    """In full, in the answer to a POST alone: nothing to bookmark; each look is kept."""
    told: dict[str, Any] = {}
    if request.method == "POST":
        told = actions.open_contact(reveal, by=request.actor, at=request.at)
    context = {
        "complaint": reveal.complaint,
        "reveal": reveal,
        "told": told,
        "masked": queries.masked_contact(reveal.complaint),
        "crumbs": way_to(reveal.complaint, _("查看联系方式")),
    }
    return render(request, "complaints/desk/contact.html", context)


@shows(Complaint, key="id", roles=READERS, methods=READ_AND_WRITE)
def complaint_tie(request: Request, complaint: Complaint) -> HttpResponse:
    """Keep away; from then on the case does not exist for this person."""
    form = desk_forms.TieForm(posted(request), has_facility=complaint.facility_id is not None)
    if request.method == "POST" and form.is_valid():
        _declare(request, complaint, form.cleaned_data)
        messages.success(request, _("已申报回避，这件交回其他人办理。"))
        return back(request, complaint)
    says = _("申报后您看不到相关的投诉，也不会收到消息；要恢复须由别人解除。")
    return act_on(request, complaint, form, _("申报回避"), lambda: "", says=says)


def _declare(request: Request, complaint: Complaint, given: dict[str, Any]) -> None:
    whole = given.get("scope") == "facility"
    actions.declare_tie(
        given["reason"],
        facility=complaint.facility if whole else None,
        complaint=None if whole else complaint,
        by=request.actor, at=request.at,
    )  # fmt: skip
