"""Accepting, rejecting, giving away, describing, merging."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.forms import desk as desk_forms
from complaints.models import Complaint
from complaints.queries import casework
from facilities.models.review import PhraseUse
from portal.core.pages import Request, offers, posted

from .acting import act_on


@offers(Complaint, "accept")
def complaint_accept(request: Request, complaint: Complaint) -> HttpResponse:
    """Take it on."""
    initial = {name: getattr(complaint, name) for name in ("severity", "title", "summary")}
    form = desk_forms.AcceptForm(posted(request), initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.accept_complaint(
            complaint, given["severity"], title=given["title"], summary=given["summary"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已受理 %(number)s。") % {"number": complaint.number}

    return act_on(request, complaint, form, _("受理"), act)


@offers(Complaint, "reject")
def complaint_reject(request: Request, complaint: Complaint) -> HttpResponse:
    """Not taken on; the complainant reads why and where to go."""
    phrases = casework.phrases_of(complaint, request.user, PhraseUse.REJECTION, request.today)
    form = desk_forms.RejectForm(posted(request), phrases=phrases)

    def act() -> str:
        given = form.cleaned_data
        actions.reject_complaint(
            complaint, given["ground"], given["text"], by=request.actor, at=request.at
        )
        return _("已不予受理，投诉人可以看到原因。")

    return act_on(request, complaint, form, _("不予受理"), act)


@offers(Complaint, "assign")
def complaint_assign(request: Request, complaint: Complaint) -> HttpResponse:
    """Give it to a caseworker, or hand it over with a word."""
    form = desk_forms.PersonForm(
        posted(request), people=queries.assignable_to(complaint, request.today),
        submit=_("分派"), initial={"person": _first_choice(request, complaint)},
    )  # fmt: skip

    def act() -> str:
        person, note = form.cleaned_data["person"], form.cleaned_data["note"]
        actions.assign_complaint(complaint, person, note=note, by=request.actor, at=request.at)
        return _("已分派给%(who)s。") % {"who": person.signature_label}

    return act_on(request, complaint, form, _("分派或移交"), act)


def _first_choice(request: Request, complaint: Complaint) -> Any:
    """Oneself while nobody has it."""
    return request.user.pk if complaint.handler_id is None else None


@offers(Complaint, "assist")
def complaint_assist(request: Request, complaint: Complaint) -> HttpResponse:
    """Somebody who helps."""
    people = [
        each for each in queries.assignable_to(complaint, request.today)
        if each.pk != complaint.handler_id
    ]  # fmt: skip
    form = desk_forms.AssistForm(posted(request), people=people, submit=_("加为协办人"))

    def act() -> str:
        person = form.cleaned_data["person"]
        actions.add_assistant(complaint, person, by=request.actor, at=request.at)
        return _("已请%(who)s协办。") % {"who": person.signature_label}

    return act_on(request, complaint, form, _("加协办人"), act)


@offers(Complaint, "remind")
def complaint_remind(request: Request, complaint: Complaint) -> HttpResponse:
    """Press, once a day."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("催办"))

    def act() -> str:
        told = actions.remind_handler(complaint, by=request.actor, at=request.at)
        return _("已催办。") if told else _("今天已经催办过，不再重复。")

    says = _("给承办人和协办人发一条催办消息，同一件一天只发一次。")
    return act_on(request, complaint, form, _("催办"), act, says=says)


@offers(Complaint, "describe")
def complaint_describe(request: Request, complaint: Complaint) -> HttpResponse:
    """The staff's own words for lists and search, and the facility."""
    initial = {"title": complaint.title, "summary": complaint.summary}
    form = desk_forms.DescribeForm(posted(request), initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.describe_complaint(
            complaint, given["title"], given["summary"], facility=given["code"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("标题和摘要已保存。")

    return act_on(request, complaint, form, _("标题和摘要"), act)


@offers(Complaint, "note")
def complaint_note(request: Request, complaint: Complaint) -> HttpResponse:
    """For those who work on it; nobody else reads it."""
    form = desk_forms.TextForm(
        posted(request), label=_("内部记录"), submit=_("记下"),
        help_text=_("投诉人和机构看不到"),
    )  # fmt: skip

    def act() -> str:
        text = form.cleaned_data["text"]
        actions.note_complaint(complaint, text, by=request.actor, at=request.at)
        return _("已记下。")

    return act_on(request, complaint, form, _("写内部记录"), act)


@offers(Complaint, "add_file")
def complaint_add_file(request: Request, complaint: Complaint) -> HttpResponse:
    """A photo or paper of the office's own; sealed with the case."""
    form = desk_forms.OfficeFileForm(posted(request), request.FILES or None)

    def act() -> str:
        file = form.cleaned_data["file"]
        actions.add_office_file(complaint, file, by=request.actor, at=request.at)
        return _("材料已加入。")

    says = _("只有能打开这件的人看得到，投诉人和机构都看不到。")
    return act_on(request, complaint, form, _("加入材料"), act, says=says)


@offers(Complaint, "pass_on_place")
def complaint_pass_on_place(request: Request, complaint: Complaint) -> HttpResponse:
    """A place nobody has registered becomes a hint."""
    form = desk_forms.PlaceForm(posted(request), initial={"community": _slug_of(complaint)})

    def act() -> str:
        lead = actions.pass_on_place(complaint, form.cleaned_data, by=request.actor, at=request.at)
        return _("已记为未登记线索 %(number)s。") % {"number": lead.number}

    return act_on(request, complaint, form, _("记为未登记线索"), act)


def _slug_of(complaint: Complaint) -> str:
    return complaint.community.slug if complaint.community else ""


@offers(Complaint, "merge")
def complaint_merge(request: Request, complaint: Complaint) -> HttpResponse:
    """Deal with it under another one; what reads alike is offered."""
    initial = {"number": _chosen_number(request)}
    form = desk_forms.MergeForm(posted(request), user=request.user, initial=initial)

    def act() -> str:
        parent = form.cleaned_data["number"]
        actions.merge_complaint(complaint, parent, by=request.actor, at=request.at)
        return _("已并入 %(number)s，两位投诉人都会收到答复。") % {"number": parent.number}

    return act_on(request, complaint, form, _("并入另一件"), act)


def _chosen_number(request: Request) -> str:
    """The number of the case a link of the page names by its id."""
    try:
        wanted = uuid.UUID(request.GET.get("with", ""))
    except ValueError:
        return ""
    found = Complaint.objects.visible_to(request.user).filter(pk=wanted).first()
    return found.number if found else ""


@offers(Complaint, "separate")
def complaint_separate(request: Request, complaint: Complaint) -> HttpResponse:
    """It is a case of its own after all."""
    form = desk_forms.ReasonForm(posted(request), submit=_("恢复单独办理"))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.separate_complaint(complaint, reason, by=request.actor, at=request.at)
        return _("已恢复单独办理。")

    return act_on(request, complaint, form, _("恢复单独办理"), act)
