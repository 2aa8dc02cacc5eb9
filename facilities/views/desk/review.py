"""One filing under review: answers beside papers, the one list of corrections."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.forms import misses
from facilities.forms.desk import CorrectionAside, CorrectionForm, SendForm
from facilities.models import Filing
from facilities.papers import correction_blocks
from facilities.queries import desk as desk_queries
from facilities.queries.desk import Dossier
from facilities.queries.duplicates import twins
from facilities.queries.phrases import CORRECTIONS, phrases_for
from facilities.workflow import FilingStatus
from portal.core import permissions
from portal.core.models import User
from portal.core.pages import Request, offers, posted, shows
from portal.core.paging import kept
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from . import reading
from .judging import Changes, differences, judge
from .lists import READERS, crumbs, filtered, with_query

UNDER_REVIEW = (FilingStatus.SUBMITTED, FilingStatus.IN_REVIEW, FilingStatus.PROPOSED)


@shows(Filing, key="number", roles=READERS, audited="filing.read")
def filing(request: Request, filing: Filing) -> HttpResponse:
    """The review page."""
    if filing.submitted_at is None:
        return redirect("desk:filings")
    dossier = desk_queries.dossier(filing, in_force(request.today))
    context = {
        **head(request, dossier),
        **_answers(request, dossier),
        **_corrections(request, dossier),
        "may_merge": request.user.has_role(Role.CLERK),
        "twins": twins(filing, request.user, dossier.law, dossier.latest.answers),
    }
    return render(request, "desk/filing.html", context)


@offers(Filing, "take", key="number")
def take(request: Request, filing: Filing) -> HttpResponse:
    """Begin the review."""
    if request.method == "POST":
        taken = actions.take_filing(filing, by=request.actor, at=request.at)
        due = {"number": taken.number, "due": cn_date(taken.answer_due)}
        messages.success(request, _("已开始审核 %(number)s，请最迟在 %(due)s答复。") % due)
    return _back(request, filing)


@offers(Filing, "note", key="number")
def correction_add(request: Request, filing: Filing) -> HttpResponse:
    """Put one thing on the list; a page of its own for phones and for what was typed wrong."""
    dossier = desk_queries.dossier(filing, in_force(request.today))
    form = _correction_form(request, dossier, posted(request))
    if request.method == "POST" and form.is_valid():
        section, item = form.section_and_item
        actions.add_correction(
            filing, section, item, form.sentence(), by=request.actor, at=request.at
        )
        return _back(request, filing, "#corrections")
    context = {"form": form, "list_now": dossier.list_now}
    context |= act_head(request, dossier, _("要求补正"))
    return render(request, "desk/correction_add.html", context)


@offers(Filing, "note", key="number")
def correction_remove(request: Request, filing: Filing, item: str) -> HttpResponse:
    """Take one thing off the list; gone already is as good."""
    found = filing.corrections.filter(pk=item).first()
    if request.method == "POST" and found:
        actions.remove_correction(found, by=request.actor, at=request.at)
    return _back(request, filing, "#corrections")


@offers(Filing, "request_correction", key="number")
def corrections_send(request: Request, filing: Filing) -> HttpResponse:
    """Show the notice as it will read; send it."""
    dossier = desk_queries.dossier(filing, in_force(request.today))
    if not dossier.list_now:
        messages.warning(request, _("补正清单还是空的，请先加入需要补正的内容。"))
        return _back(request, filing, "#corrections")
    form = SendForm(posted(request), now=actions.list_version(filing, dossier.list_now))
    form.cancel_url = back_url(request, filing)
    if request.method == "POST" and form.is_valid():
        return _send(request, dossier, form)
    return render(request, "desk/corrections_send.html", _notice(request, dossier, form))


def _send(request: Request, dossier: Dossier, form: SendForm) -> HttpResponse:
    filing, seen = dossier.filing, form.cleaned_data["seen"]
    try:
        sent = actions.request_correction(filing, by=request.actor, at=request.at, seen=seen)
    except actions.Changed as changed:
        form.show_again(changed.now)
        fresh = desk_queries.dossier(filing, dossier.law)
        return render(request, "desk/corrections_send.html", _notice(request, fresh, form))
    facts = {"number": sent.number, "due": cn_date(sent.correction_due)}
    text = _("已发出 %(number)s 的补正通知，机构应最迟在 %(due)s补正，答复期限暂停计算。")
    messages.success(request, text % facts)
    return _back(request, filing)


def _notice(request: Request, dossier: Dossier, form: SendForm) -> dict[str, Any]:
    due = rules.correction_due(request.today, dossier.law, working_calendar())
    blocks = correction_blocks(dossier.filing, dossier.list_now, due, dossier.law)
    shown = {"title": "登记报送补正通知", "blocks": blocks}
    context = {"form": form, "due": due, "preview": shown, "list_now": dossier.list_now}
    return {**act_head(request, dossier, _("发出补正通知")), **context}


# --- what the pages about one filing share ------------------------------------------------------


def back_url(request: Request, filing: Filing) -> str:
    """The review page, the filter of the list kept."""
    return reverse("desk:filing", args=[filing.number]) + kept(request)


def _back(request: Request, filing: Filing, part: str = "") -> HttpResponse:
    response = redirect(f"{back_url(request, filing)}{part}")
    response.status_code = 303
    return response


def head(request: Request, dossier: Dossier) -> dict[str, Any]:
    """Name, number, state, deadline, handler and the way back: the card on top of each page."""
    filing = dossier.filing
    title = filing.facility_name or filing.number
    return {
        "filing": filing,
        "facts": [
            (_("报送种类"), filing.get_kind_display()),
            (_("社区（村）"), _community(dossier)),
            (_("提交"), cn_date(filing.submitted_at)),
            (_("经办人"), reading.post_of(dossier, filing.handler_id) or _("还没有")),
        ],
        "kept": kept(request),
        "crumbs": crumbs((_("登记审核"), reverse("desk:filings") + kept(request)), (title, "")),
    }


def act_head(request: Request, dossier: Dossier, act: str) -> dict[str, Any]:
    """The same for a page on which something is done to the filing."""
    found = head(request, dossier)
    *way, (title, _here) = found["crumbs"]
    back = back_url(request, dossier.filing)
    return {**found, "crumbs": [*way, (title, back), (act, "")]}


def _community(dossier: Dossier) -> str:
    slug = dossier.latest.answers["premises"]["community"]
    return dossier.communities.get(slug, slug)


def may_see_phones(user: User) -> bool:
    """Those who work on filings call the facility; readers have no need to."""
    return user.has_role(Role.CLERK, Role.APPROVER)


# What the clerk puts on the list is printed on a Chinese notice.
@translation.override(settings.LANGUAGE_CODE)
def _remarks(dossier: Dossier, today: dt.date) -> list[misses.Remark]:
    if dossier.filing.state not in UNDER_REVIEW:
        return []
    answers = dossier.latest.answers
    return misses.remarks(desk_queries.remarks(answers, today, dossier.law), dossier.law)


def _answers(request: Request, dossier: Dossier) -> dict[str, Any]:
    found = _remarks(dossier, request.today)
    changes = differences(dossier)
    judged = judge(dossier, reading.judged_papers(dossier), changes)
    papers = reading.papers(dossier, found, judged, changes)
    shown = next((p for p in papers if p.material == request.GET.get("show")), None)
    masked = not may_see_phones(request.user)
    return {
        **_parts(reading.sections(dossier, found, judged, changes, masked=masked), changes),
        "judged": judged,
        "remarks": found,
        "papers": [(p, with_query(request, show=p.material)) for p in papers],
        "shown": shown or next(iter(papers), None),
        "is_second_round": dossier.before is not None,
        "is_against_register": dossier.is_change_of_register,
        "counter": dossier.counter,
        "scans": dossier.scans,
        "supplements": dossier.supplements,
        "may_print_slip": request.user.has_role(Role.CLERK),
    }


def _parts(found: list[reading.Section], changes: Changes | None) -> dict[str, Any]:
    """Again: what has changed or was asked for lies open, the rest is folded away."""
    if changes is None:
        return {"sections": found, "same_sections": []}
    is_open = [part for part in found if part.is_changed or part.asked or part.changed_rows]
    return {"sections": is_open, "same_sections": [p for p in found if p not in is_open]}


def _corrections(request: Request, dossier: Dossier) -> dict[str, Any]:
    filing = dossier.filing
    issued = list(queries.papers_of(filing))
    list_ = filtered(request)
    return {
        "calendar": working_calendar(),
        "paused": _("等待机构补正") if filing.is_paused else "",
        "list_now": dossier.list_now,
        "form": _aside(request, dossier),
        "earlier": reading.earlier_corrections(dossier, issued),
        "timeline": reading.timeline(dossier, issued),
        "issued": [(paper, reading.paper_links(paper)) for paper in issued],
        "neighbours": desk_queries.neighbours(list_.qs, filing, list_.order),
        "proposer": reading.post_of(dossier, filing.proposed_by_id),
        "is_proposer": filing.proposed_by_id == request.user.pk,
    }


def _aside(request: Request, dossier: Dossier) -> CorrectionForm | None:
    """The form beside the list, for whoever may write on it now."""
    if not permissions.can(request.user, "note", dossier.filing):
        return None
    return _correction_form(request, dossier, kind=CorrectionAside)


def _correction_form(
    request: Request,
    dossier: Dossier,
    data: Any = None,
    kind: type[CorrectionForm] = CorrectionForm,
) -> CorrectionForm:
    """The form; a link beside an answer names it in ?target=."""
    initial = {"target": request.GET.get("target", "")}
    offers = phrases_for(request.user, *CORRECTIONS)
    form = kind(data, targets=reading.targets(dossier), phrases=offers, initial=initial)
    form.form_action = reverse("desk:correction_add", args=[dossier.filing.number]) + kept(request)
    return form
