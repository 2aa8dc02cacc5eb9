"""The clerk proposes, another person decides (R5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, papers, queries
from facilities.forms import misses
from facilities.forms.desk import (
    DeclineForm,
    HandBackForm,
    ProposalForm,
    ReasonedDecision,
    RegisterForm,
)
from facilities.forms.leads import NameForm
from facilities.models import Facility, Filing
from facilities.models.choices import FilingKind, Proposal
from facilities.models.review import PhraseUse
from facilities.queries import desk as desk_queries
from facilities.queries import life
from facilities.queries.desk import Dossier
from facilities.queries.duplicates import twins
from facilities.queries.phrases import phrases_for
from facilities.workflow import FilingStatus
from portal.core.pages import Request, offers, posted, shows
from portal.core.paging import kept
from portal.core.permissions import can
from portal.core.queries import in_force

from . import reading
from .judging import differences, judge
from .lists import READERS
from .outcome import WORDS, after
from .review import act_head, back_url

DECIDED = (FilingStatus.REGISTERED, FilingStatus.DECLINED)


@offers(Filing, "propose", key="number")
def propose(request: Request, filing: Filing) -> HttpResponse:
    """The clerk's proposal, with what will be public and the text of the paper."""
    dossier = desk_queries.dossier(filing, in_force(request.today))
    judged = judge(dossier, reading.judged_papers(dossier), differences(dossier))
    offers = phrases_for(request.user, PhraseUse.DECLINE)
    form = ProposalForm(posted(request), phrases=offers, unread=judged.unread)
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
    actions.propose_decision(
        filing, proposal, reason, by=request.actor, at=request.at, unread=len(form.unread)
    )
    text = _("%(number)s 已提交审定，由另一人决定。") % {"number": filing.number}
    messages.success(request, text)
    return redirect(back_url(request, filing))


@offers(Filing, "register", key="number")
def register(request: Request, filing: Filing) -> HttpResponse:
    """Another person registers the facility."""
    if filing.proposal != Proposal.REGISTER:
        return _other_proposal(request, filing)
    form = RegisterForm(posted(request), now=actions.proposal_version(filing))
    form.cancel_url, form.submit_label = back_url(request, filing), WORDS[FilingKind(filing.kind)]
    if _registered(request, filing, form):
        return redirect(_decided_url(request, filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {**_decision(request, dossier, str(form.submit_label)), "form": form}
    return render(request, "desk/register.html", context)


@offers(Filing, "decline", key="number")
def decline(request: Request, filing: Filing) -> HttpResponse:
    """Another person declines, and says why."""
    if filing.proposal != Proposal.DECLINE:
        return _other_proposal(request, filing)
    form = _reasoned(request, filing, DeclineForm, PhraseUse.DECLINE, filing.proposal_reason)
    if _decided(request, filing, form, actions.decline_filing):
        return redirect(_decided_url(request, filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {**_decision(request, dossier, _("不予登记")), "form": form}
    return render(request, "desk/decline.html", context)


@offers(Filing, "publish", key="number")
def refusal_publish(request: Request, filing: Filing) -> HttpResponse:
    """Ask that the refusal be made public; another person decides."""
    form = NameForm(posted(request))
    form.cancel_url = _decided_url(request, filing)
    if request.method == "POST" and form.is_valid():
        actions.propose_refusal(filing, by=request.actor, at=request.at)
        messages.success(request, _("已提请公示，由另一人决定。"))
        return redirect(_decided_url(request, filing))
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = act_head(request, dossier, _("提请公示")) | {
        "form": form,
        "title": filing.facility_name,
        "body": papers.refusal_notice(filing, in_force(request.today)),
    }
    return render(request, "desk/refusal_publish.html", context)


@offers(Filing, "hand_back", key="number")
def hand_back(request: Request, filing: Filing) -> HttpResponse:
    """Another person returns the proposal to the clerk."""
    form = _reasoned(request, filing, HandBackForm, PhraseUse.HAND_BACK)
    if _decided(request, filing, form, actions.hand_back_filing):
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
        "may_publish": can(request.user, "publish", filing),
        "kept": kept(request),
    }
    return render(request, "desk/decided.html", context)


def _registered(request: Request, filing: Filing, form: RegisterForm) -> bool:
    """Do what was sent; False while the page is to be shown (again)."""
    if request.method != "POST" or not form.is_valid():
        return False
    seen = form.cleaned_data["seen"]
    try:
        actions.register_filing(filing, by=request.actor, at=request.at, seen=seen)
    except actions.AlreadyRegistered:
        form.add_error(None, _already_registered(filing))
        return False
    except actions.NotInRegister:
        form.add_error(None, _closed_meanwhile())
        return False
    except actions.Changed as changed:
        filing.refresh_from_db()
        form.show_again(changed.now)
        return False
    return True


def _reasoned(
    request: Request,
    filing: Filing,
    kind: type[ReasonedDecision],
    use: PhraseUse,
    reason: str = "",
) -> ReasonedDecision:
    form = kind(
        posted(request),
        now=actions.proposal_version(filing),
        phrases=phrases_for(request.user, use),
        initial={"reason": reason},
    )
    form.cancel_url = back_url(request, filing)
    return form


def _decided(
    request: Request, filing: Filing, form: ReasonedDecision, act: Callable[..., Filing]
) -> bool:
    """Do what was sent; False while the page is to be shown (again)."""
    if request.method != "POST" or not form.is_valid():
        return False
    seen = form.cleaned_data["seen"]
    try:
        act(filing, form.reason_given(), by=request.actor, at=request.at, seen=seen)
    except actions.Changed as changed:
        filing.refresh_from_db()
        form.show_again(changed.now)
        return False
    return True


# --- what the pages share -----------------------------------------------------------------------


def _decided_url(request: Request, filing: Filing) -> str:
    return reverse("desk:decided", args=[filing.number]) + kept(request)


def _other_proposal(request: Request, filing: Filing) -> HttpResponse:
    facts = {"proposal": filing.get_proposal_display()}
    text = _("经办人的意见是“%(proposal)s”。不同意的，请退回经办人并写明理由。")
    messages.warning(request, text % facts)
    return redirect(back_url(request, filing))


def _closed_meanwhile() -> str:
    return _("这家机构已停办，登记已注销，不能再登记。请退回经办人，由经办人改为提出不予登记。")


def _already_registered(filing: Filing) -> str:
    other = queries.facility_with(filing.uscc)
    facts = {"uscc": filing.uscc, "name": other.name if other else ""}
    text = _(
        "统一社会信用代码 %(uscc)s 已登记为“%(name)s”，不能重复登记，请退回经办人核对。"
        "搬迁的，请先审定原登记的停办。"
    )
    return text % facts


def _decision(request: Request, dossier: Dossier, act: str) -> dict[str, Any]:
    """The object, the proposal and its author, the checks, what others will see."""
    filing, law = dossier.filing, dossier.law
    shown = after(dossier, request.today)
    judged = judge(dossier, reading.judged_papers(dossier), differences(dossier))
    found = desk_queries.remarks(dossier.latest.answers, request.today, law)
    return {
        **act_head(request, dossier, act),
        "remarks": misses.remarks(found, law),
        "judged": judged,
        "twins": twins(filing, request.user, law, dossier.latest.answers),
        "proposer": reading.post_of(dossier, filing.proposed_by_id),
        **shown,
        "gives_way": _gives_way(filing),
        "notice": {
            "title": "不予登记告知书",
            "blocks": papers.decline_blocks(
                filing, filing.proposal_reason or _("（这里写理由）"), law
            ),
        },
    }


def _gives_way(filing: Filing) -> Facility | None:
    """The facility whose granted closure takes effect with this registration (a move)."""
    if filing.kind != FilingKind.INITIAL:
        return None
    old = queries.facility_with(filing.uscc)
    return old if old and life.standing_closure(old) else None
