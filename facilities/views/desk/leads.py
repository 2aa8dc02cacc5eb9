"""Places that are not in the register: note, look, guide, pass on, close (S11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, papers
from facilities.filters import LeadFilter
from facilities.forms import leads as lead_forms
from facilities.models import Lead, LeadStep, Transfer
from facilities.models.leads import LEAD_READERS, CloseReason, LeadOutcome
from facilities.queries import leads as lead_queries
from facilities.queries import notices
from facilities.queries.departments import answering
from facilities.rules import leads as rules
from facilities.workflow import LEAD_VERIFIERS, LeadStatus
from portal.core.models import Attachment, Community
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import kept, page_of
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from .lists import crumbs
from .reading import paper_links

READERS = (*LEAD_READERS, Role.COMMUNITY)
THUMBNAIL = 320


@lists(Lead, roles=READERS)
def leads(request: Request) -> HttpResponse:
    """The hints within reach, by state."""
    found = LeadFilter(
        request.GET, lead_queries.leads_for(request.user), request=request, at=request.at
    )
    page = page_of(request, found.qs.order_by(*found.order))
    context = {
        "page": page,
        "filter": found,
        "tabs": _tabs(request, found),
        "calendar": working_calendar(),
        "may_add": request.user.has_role(*LEAD_VERIFIERS),
        "crumbs": crumbs((_("未登记线索"), "")),
    }
    return render(request, "desk/leads.html", context)


def _tabs(request: Request, found: LeadFilter) -> list[dict[str, Any]]:
    counts = lead_queries.lead_counts(found.any_state)
    tabs: list[tuple[str, Any, int]] = [(str(s), s.label, counts.get(s, 0)) for s in LeadStatus]
    tabs.append(("", _("全部"), sum(counts.values())))
    shown = []
    for state, label, count in tabs:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = state
        url = f"?{query.urlencode()}"
        shown.append({"label": label, "url": url, "count": count, "current": state == found.tab})
    return shown


@makes(Lead, roles=LEAD_VERIFIERS)
def lead_new(request: Request) -> HttpResponse:
    """Note a hint, on one screen of a phone."""
    form = lead_forms.LeadForm(
        posted(request), request.FILES or None, communities=_communities(request)
    )
    form.cancel_url = reverse("desk:leads")
    if request.method == "POST" and form.is_valid():
        made = actions.start_lead(
            form.values, by=request.actor, at=request.at,
            token=form.cleaned_data["token"], photos=form.photos,
        )  # fmt: skip
        messages.success(request, _("已记下线索 %(number)s。") % {"number": made.number})
        return redirect(made.url_for(request.user))
    way = crumbs((_("未登记线索"), reverse("desk:leads")), (_("记线索"), ""))
    return render(request, "desk/lead_new.html", {"form": form, "crumbs": way})


def _communities(request: Request) -> list[Community]:
    reach = request.user.reach(*LEAD_VERIFIERS)
    every = Community.objects.all()
    return list(every if reach is None else every.filter(pk__in=reach))


@shows(Lead, key="number", roles=READERS)
def lead(request: Request, lead: Lead) -> HttpResponse:
    """One hint: what is known, what was done, what may be done next."""
    context = {
        **_head(lead),
        "photos": [_photo(each) for each in lead_queries.photos_of(lead)],
        "entries": _timeline(lead),
        "transfers": [(each, paper_links(each.paper)) for each in lead_queries.transfers_of(lead)],
        "naming": lead_queries.naming_of(lead),
        "seen": lead.outcome == LeadOutcome.CHILDCARE,
        "kept": kept(request),
    }
    return render(request, "desk/lead.html", context)


@offers(Lead, "verify", key="number")
def lead_verify(request: Request, lead: Lead) -> HttpResponse:
    """What was seen on site."""
    initial = {"uscc": lead.uscc}
    form = lead_forms.VerifyForm(posted(request), request.FILES or None, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.verify_lead(
            lead, given["outcome"], given["note"], uscc=given["uscc"], photos=form.photos,
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已记下核实结果。")

    return _act(request, lead, form, _("现场核实"), act)


@offers(Lead, "guide", key="number")
def lead_guide(request: Request, lead: Lead) -> HttpResponse:
    """The place was told how to report itself."""
    form = lead_forms.GuideForm(posted(request))
    due = rules.lead_guide_due(request.today, in_force(request.today), working_calendar())

    def act() -> str:
        note = form.cleaned_data["note"]
        actions.guide_lead(lead, note, by=request.actor, at=request.at)
        return _("已记下，请对方最迟在 %(day)s报送。") % {"day": cn_date(due)}

    return _act(request, lead, form, _("指导报送"), act, due=due)


@offers(Lead, "transfer", key="number")
def lead_transfer(request: Request, lead: Lead) -> HttpResponse:
    """Send the letter that hands the matter over."""
    initial = {"department": "health", "facts": lead_forms.letter_draft(lead)}
    form = lead_forms.TransferForm(posted(request), initial=initial, day=request.today)
    due = rules.transfer_due(request.today, in_force(request.today), working_calendar())

    def act() -> str:
        to, facts = form.cleaned_data["department"], form.cleaned_data["facts"]
        sent = actions.transfer_lead(lead, to, facts, by=request.actor, at=request.at)
        return _("已发出移送函 %(number)s。") % {"number": sent.number}

    return _act(request, lead, form, _("移送"), act, preview=_letter(request, lead, form, due))


def _letter(request: Request, lead: Lead, form: Any, due: dt.date) -> dict[str, Any]:
    """The letter as it would read with the first department and what stands in the form."""
    first = answering(request.today).first()
    if first is None:
        return {}
    facts = form["facts"].value() or _("（这里写移送的情况）")
    blocks = papers.transfer_blocks(lead, first, first.matter_on(request.today), facts, due)
    return {"title": "问题线索移送函", "blocks": blocks}


@offers(Lead, "link", key="number")
def lead_link(request: Request, lead: Lead) -> HttpResponse:
    """The place has reported itself, or stood in the register."""
    form = lead_forms.LinkForm(posted(request), initial={"code": lead.uscc})

    def act() -> str:
        actions.link_lead(lead, form.facility, form.filing, by=request.actor, at=request.at)
        return _("已记为已报送。")

    return _act(request, lead, form, _("关联登记报送"), act)


@offers(Lead, "close", key="number")
def lead_close(request: Request, lead: Lead) -> HttpResponse:
    """Nothing more is needed."""
    form = lead_forms.CloseForm(posted(request))

    def act() -> str:
        given = form.cleaned_data
        actions.close_lead(lead, given["reason"], given["note"], by=request.actor, at=request.at)
        return _("线索已了结。")

    return _act(request, lead, form, _("了结线索"), act)


@offers(Lead, "reopen", key="number")
def lead_reopen(request: Request, lead: Lead) -> HttpResponse:
    """It is looked at again."""
    form = lead_forms.ReopenForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.reopen_lead(lead, reason, by=request.actor, at=request.at)
        return _("线索重新办理，请再次核实。")

    return _act(request, lead, form, _("重新办理"), act)


@offers(Lead, "publish", key="number")
def lead_publish(request: Request, lead: Lead) -> HttpResponse:
    """Ask that the place be named; another person decides."""
    if lead.outcome != LeadOutcome.CHILDCARE:
        messages.info(request, _("现场核实为开展托育服务的，才可以提请公示。"))
        return redirect(lead.url_for(request.user))
    form = lead_forms.NameForm(posted(request))

    def act() -> str:
        actions.propose_unregistered(lead, by=request.actor, at=request.at)
        return _("已提请公示，由另一人决定。")

    body = notices.unregistered_notice(lead, request.today)
    return _act(request, lead, form, _("提请公示"), act, title=lead.name, body=body)


@offers(Transfer, "acknowledge")
def transfer_acknowledge(request: Request, transfer: Transfer) -> HttpResponse:
    """The other authority's receipt has come."""
    form = lead_forms.ReceiptForm(posted(request), today=request.today, since=transfer.sent_on)

    def act() -> str:
        day = form.cleaned_data["on"]
        actions.acknowledge_transfer(transfer, day, by=request.actor, at=request.at)
        return _("已记下回执。")

    return _act(request, transfer.noun, form, _("移送回执"), act, transfer=transfer)


@offers(Transfer, "answer")
def transfer_answer(request: Request, transfer: Transfer) -> HttpResponse:
    """The other authority has told what it found or did."""
    form = lead_forms.AnswerForm(posted(request), today=request.today, since=transfer.sent_on)

    def act() -> str:
        day, result = form.cleaned_data["on"], form.cleaned_data["result"]
        actions.answer_transfer(transfer, day, result, by=request.actor, at=request.at)
        return _("已记下反馈。")

    return _act(request, transfer.noun, form, _("移送反馈"), act, transfer=transfer)


# --- what the pages share -----------------------------------------------------------------------


def _act(
    request: HttpRequest, lead: Any, form: Any, words: str, act: Callable[[], str], **more: Any
) -> HttpResponse:
    """The page of an act: done and told, or shown with what was typed."""
    here = lead.url_for(request.user)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except actions.NotAnswering:
            form.add_error(None, _("这个部门已经停用，请选别的部门"))
        else:
            return redirect(here)
    form.cancel_url = here
    way = crumbs((_("未登记线索"), reverse("desk:leads")), (lead.number, here), (words, ""))
    context = {"lead": lead, "form": form, "act": words, "crumbs": way, **more}
    return render(request, "desk/lead_act.html", context)


def _head(lead: Lead) -> dict[str, Any]:
    return {
        "lead": lead,
        "calendar": working_calendar(),
        "facts": [
            (_("来源"), lead.get_source_display()),
            (_("社区（村）"), lead.community or ""),
            (_("地址"), lead.address),
            (_("反映日期"), cn_date(lead.reported_on)),
            (_("统一社会信用代码"), lead.uscc),
            (_("核实结果"), lead.get_outcome_display() if lead.outcome else ""),
            (_("坐标"), f"{lead.latitude}, {lead.longitude}" if lead.latitude is not None else ""),
        ],
        "crumbs": crumbs((_("未登记线索"), reverse("desk:leads")), (lead.number, "")),
    }


def _photo(file: Attachment) -> dict[str, Any]:
    sides = file.thumbnail_sides
    side = min((s for s in sides if s >= THUMBNAIL), default=max(sides, default=THUMBNAIL))
    return {
        "name": file.display_name,
        "url": reverse("core:attachment", args=[file.pk]),
        "size": file.size,
        "thumb": reverse("core:attachment_thumbnail", args=[file.pk, side]),
    }


def _timeline(lead: Lead) -> list[dict[str, Any]]:
    entries = [
        {
            "at": step.done_at,
            "actor": step.done_by.signature_label,
            "text": _step_words(step),
            "detail": step.note,
        }
        for step in lead_queries.steps_of(lead)
    ]
    first = {"at": lead.created_at, "actor": lead.created_by.signature_label,
             "text": _("记下线索"), "detail": lead.description}  # fmt: skip
    return [*entries, first]


def _step_day(step: LeadStep) -> str:
    return cn_date(dt.date.fromisoformat(step.text))


def _step_words(step: LeadStep) -> str:
    words: dict[str, Callable[[], str]] = {
        "verify": lambda: _("现场核实：%(what)s") % {"what": LeadOutcome(step.text).label},
        "guide": lambda: _("已指导报送，请最迟在 %(day)s报送") % {"day": _step_day(step)},
        "transfer": lambda: _("移送：%(what)s") % {"what": step.text},
        "link": lambda: _("已报送：%(what)s") % {"what": step.text},
        "close": lambda: _("了结：%(what)s") % {"what": CloseReason(step.text).label},
        "reopen": lambda: _("重新办理"),
    }
    return words[step.act]()
