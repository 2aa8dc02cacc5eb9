"""The clerk proposes, another person decides (R5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, papers, queries
from facilities.forms import misses
from facilities.forms.desk import DeclineForm, HandBackForm, ProposalForm, RegisterForm
from facilities.models import ClassGroup, Facility, Filing
from facilities.models.choices import FacilityType, Proposal
from facilities.queries import desk as desk_queries
from facilities.queries.desk import Dossier
from facilities.workflow import FilingStatus
from portal.core.models import Community
from portal.core.pages import Request, offers, shows
from portal.core.queries import in_force

from . import reading
from .lists import READERS, kept, posted
from .review import act_head, back_url

DECIDED = (FilingStatus.REGISTERED, FilingStatus.DECLINED)


@offers(Filing, "propose", key="number")
def propose(request: Request, filing: Filing) -> HttpResponse:
    """The clerk's proposal, with what will be public and the text of the paper."""
    dossier = desk_queries.dossier(filing, in_force(request.today))
    form = ProposalForm(posted(request))
    form.cancel_url = back_url(request, filing)
    if request.method == "POST" and form.is_valid():
        return _propose(request, filing, form)
    context = _decision(request, dossier, _("提出经办意见")) | {
        "form": form,
        "list_now": dossier.list_now,
    }
    return render(request, "desk/propose.html", context)


def _propose(request: Request, filing: Filing, form: ProposalForm) -> HttpResponse:
    reason, proposal = form.reason_given(), form.cleaned_data["proposal"]
    actions.propose_decision(filing, proposal, reason, by=request.actor, at=request.at)
    text = _("%(number)s 已提交审定，由另一人决定。") % {"number": filing.number}
    messages.success(request, text)
    return redirect(back_url(request, filing))


@offers(Filing, "register", key="number")
def register(request: Request, filing: Filing) -> HttpResponse:
    """Another person registers the facility."""
    if filing.proposal != Proposal.REGISTER:
        return _other_proposal(request, filing)
    form = RegisterForm(posted(request), now=_seen(filing))
    form.cancel_url = back_url(request, filing)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_filing(filing, by=request.actor, at=request.at)
            return redirect(_decided_url(request, filing))
        except actions.AlreadyRegistered:
            form.add_error(None, _already_registered(filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {**_decision(request, dossier, _("准予登记")), "form": form}
    return render(request, "desk/register.html", context)


@offers(Filing, "decline", key="number")
def decline(request: Request, filing: Filing) -> HttpResponse:
    """Another person declines, and says why."""
    if filing.proposal != Proposal.DECLINE:
        return _other_proposal(request, filing)
    initial = {"reason": filing.proposal_reason}
    form = DeclineForm(posted(request), now=_seen(filing), initial=initial)
    form.cancel_url = back_url(request, filing)
    if request.method == "POST" and form.is_valid():
        reason = form.reason_given()
        actions.decline_filing(filing, reason, by=request.actor, at=request.at)
        return redirect(_decided_url(request, filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {**_decision(request, dossier, _("不予登记")), "form": form}
    return render(request, "desk/decline.html", context)


@offers(Filing, "hand_back", key="number")
def hand_back(request: Request, filing: Filing) -> HttpResponse:
    """Another person returns the proposal to the clerk."""
    form = HandBackForm(posted(request), now=_seen(filing))
    form.cancel_url = back_url(request, filing)
    if request.method == "POST" and form.is_valid():
        reason = form.reason_given()
        actions.hand_back_filing(filing, reason, by=request.actor, at=request.at)
        text = _("%(number)s 已退回经办人。") % {"number": filing.number}
        messages.success(request, text)
        return redirect(back_url(request, filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {**_decision(request, dossier, _("退回经办人")), "form": form}
    return render(request, "desk/hand_back.html", context)


@shows(Filing, key="number", roles=READERS)
def decided(request: Request, filing: Filing) -> HttpResponse:
    """What was decided: the number, the paper, and what waits next."""
    if filing.state not in DECIDED:
        return redirect(back_url(request, filing))
    paper = queries.papers_of(filing).first()
    context = {
        "filing": filing,
        "paper": paper,
        "links": reading.paper_links(paper) if paper else [],
        "next": queries.review_queue(request.user).first(),
        "kept": kept(request),
    }
    return render(request, "desk/decided.html", context)


# --- what the pages share -----------------------------------------------------------------------


def _seen(filing: Filing) -> str:
    """The proposal a decision is about: a later one is shown before it is decided."""
    return filing.proposed_at.isoformat() if filing.proposed_at else ""


def _decided_url(request: Request, filing: Filing) -> str:
    return reverse("desk:decided", args=[filing.number]) + kept(request)


def _other_proposal(request: Request, filing: Filing) -> HttpResponse:
    facts = {"proposal": filing.get_proposal_display()}
    text = _("经办人的意见是“%(proposal)s”。不同意的，请退回经办人并写明理由。")
    messages.warning(request, text % facts)
    return redirect(back_url(request, filing))


def _already_registered(filing: Filing) -> str:
    other = Facility.objects.filter(uscc=filing.uscc).first()
    facts = {"uscc": filing.uscc, "name": other.name if other else ""}
    text = _("统一社会信用代码 %(uscc)s 已登记为“%(name)s”，不能重复登记，请退回经办人核对。")
    return text % facts


def _decision(request: Request, dossier: Dossier, act: str) -> dict[str, Any]:
    """The object, the proposal and its author, the checks, what others will see."""
    filing, law = dossier.filing, dossier.law
    facility, classes = _as_registered(dossier, request.today)
    found = desk_queries.remarks(dossier.latest.answers, request.today, law)
    return {
        **act_head(request, dossier, act),
        "remarks": misses.remarks(found, law),
        "twins": desk_queries.twins(filing, request.user),
        "proposer": reading.post_of(dossier, filing.proposed_by_id),
        "public_rows": _public_rows(facility, classes),
        "receipt": {
            "title": "托育机构登记回执",
            "blocks": papers.receipt_blocks(filing, facility, classes, law),
        },
        "notice": {
            "title": "不予登记告知书",
            "blocks": papers.decline_blocks(
                filing, filing.proposal_reason or _("（这里写理由）"), law
            ),
        },
    }


def _as_registered(dossier: Dossier, today: dt.date) -> tuple[Facility, list[ClassGroup]]:
    """The facility as it would enter the register, not stored."""
    registration = dossier.latest.answers["registration"]
    premises = dossier.latest.answers["premises"]
    names = ("uscc", "facility_type", "legal_form", "registration_authority", "manager",
             "public_phone", "is_affordable")  # fmt: skip
    community = Community(
        slug=premises["community"], name=dossier.communities.get(premises["community"], "")
    )
    facility = Facility(
        code=_("（登记时编号）"),
        name=registration["facility_name"],
        **{name: registration[name] for name in names},
        community=community,
        address=premises["address"],
        registered_on=today,
    )
    fields = ("class_type", "name", "capacity", "enrolled")
    classes = [ClassGroup(**{name: row[name] for name in fields}) for row in premises["classes"]]
    return facility, classes


def _public_rows(facility: Facility, classes: Sequence[ClassGroup]) -> list[tuple[str, str]]:
    places = sum(group.capacity for group in classes)
    return [
        (_("机构名称"), facility.name),
        (_("机构类型"), str(FacilityType(facility.facility_type).label)),
        (_("社区（村）"), facility.community.name),
        (_("地址"), facility.address),
        (_("公开电话"), facility.public_phone),
        (_("托位"), _("%(n)s 个") % {"n": places}),
        (_("普惠"), _("是") if facility.is_affordable else _("否")),
        (_("街道登记号"), facility.code),
    ]
