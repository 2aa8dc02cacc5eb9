"""Findings at the desk: the list and board, one finding, rechecks, transfers (S20 to S22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions as letters
from facilities.models import Transfer
from facilities.rules import leads as transfer_rules
from inspections import actions, papers
from inspections.filters import FindingFilter
from inspections.forms import desk as forms
from inspections.models import Finding, FindingStep
from inspections.models.choices import OFFICE_READERS
from inspections.queries import findings as queries
from inspections.queries import public
from inspections.rules import deadlines
from inspections.workflow import RECHECKERS, FindingStatus
from portal.core import permissions
from portal.core.models import OfficialPaper
from portal.core.pages import READ_AND_WRITE, Request, lists, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force, working_calendar
from portal.core.templatetags.portal import cn_date

from . import parts
from .visits import READERS

BOARD_LIMIT = 30  # cards a column of the board


@lists(Finding, roles=READERS)
def findings(request: Request) -> HttpResponse:
    """The findings within reach, by state: as a table, or as a board."""
    found = FindingFilter(
        request.GET, queries.findings_for(request.user), request=request, at=request.at
    )
    page = page_of(request, found.qs.order_by(*found.order))
    context = {
        "page": page,
        "filter": found,
        "tabs": _tabs(request, found),
        "calendar": working_calendar(),
        "may_remind": request.user.has_role(*RECHECKERS),
        "crumbs": parts.crumbs((_("问题整改"), "")),
    }
    return render(request, "desk/inspections/findings.html", context)


def _tabs(request: Request, found: FindingFilter) -> list[dict[str, Any]]:
    counts = queries.finding_counts(found.any_state)
    tabs: list[tuple[str, Any, int]] = [(str(s), s.label, counts.get(s, 0)) for s in FindingStatus]
    tabs.append(("", _("全部"), sum(counts.values())))
    return parts.tabs_of(request, found.tab_name, found.tab, tabs)


@lists(Finding, roles=READERS)
def findings_board(request: Request) -> HttpResponse:
    """The same as columns: what lies with the facility, with the office, with others."""
    rows = queries.findings_for(request.user)
    counts = queries.finding_counts(rows)
    context = {
        "columns": [
            (state.label, list(rows.filter(state=state).order_by("due_on", "id")[:BOARD_LIMIT]),
             state.value, counts.get(state.value, 0))
            for state in FindingStatus if state != FindingStatus.CLOSED
        ],
        "calendar": working_calendar(),
        "crumbs": parts.crumbs((_("问题整改"), reverse("desk:findings")), (_("看板"), "")),
    }  # fmt: skip
    return render(request, "desk/inspections/board.html", context)


@lists(Finding, roles=tuple(RECHECKERS), methods=READ_AND_WRITE)
def findings_remind(request: Request) -> HttpResponse:
    """Remind the facilities of those that were ticked; the list again when nothing was."""
    if request.method == "POST":
        numbers = [each for each in request.POST.getlist("pick") if "\0" not in each]
        rows = queries.findings_for(request.user).filter(number__in=numbers)
        chosen = [row for row in rows if permissions.can(request.user, "remind", row)]
        count = actions.remind_facilities(chosen, by=request.actor, at=request.at)
        _tell_reminded(request, count)
    return redirect("desk:findings")


def _tell_reminded(request: Request, count: int) -> None:
    if count:
        messages.success(request, _("已发出 %(n)s 条提醒。") % {"n": count})
    else:
        messages.info(request, _("没有发出提醒：没有选中问题，或今天已经提醒过。"))


@shows(Finding, key="number", roles=READERS)
def finding(request: Request, finding: Finding) -> HttpResponse:
    """One finding: before and after, what was done, what may be done next (S21)."""
    context = {
        "finding": finding,
        "facts": _facts(finding),
        "before": [parts.photo(each) for each in queries.photos_before(finding)],
        "after": [parts.photo(each) for each in queries.photos_after(finding)],
        "entries": [_entry(step) for step in queries.steps_of(finding)],
        "papers": parts.with_links(_papers(request, finding)),
        "transfer": finding.transfer,
        "letter": parts.paper_links(finding.transfer.paper) if finding.transfer else [],
        "may_name": finding.may_be_named(request.today),
        "calendar": working_calendar(),
        "crumbs": parts.crumbs((_("问题整改"), reverse("desk:findings")), (finding.number, "")),
    }
    return render(request, "desk/inspections/finding.html", context)


def _papers(request: Request, finding: Finding) -> list[OfficialPaper]:
    """Those of the finding; letters to authorities are read in the street office only."""
    is_office = request.user.has_role(*OFFICE_READERS)
    return [*queries.papers_of(finding), *(queries.letters_of(finding) if is_office else ())]


def _facts(finding: Finding) -> list[tuple[str, Any]]:
    rows = [
        (_("机构"), finding.facility.name),
        (_("检查编号"), finding.inspection.number),
        (_("领域"), finding.area),
        (_("整改要求"), finding.requirement),
        (_("告知日期"), cn_date(finding.issued_on)),
        (_("整改期限"), cn_date(finding.due_on)),
        (_("原整改期限"), cn_date(finding.first_due_on) if finding.was_extended else ""),
        (_("重复问题"), finding.repeat_of or ""),
        (_("整改措施"), finding.measure),
        (_("整改完成日期"), cn_date(finding.done_on)),
        (_("申请延期"), finding.extension_reason),
        (_("申诉理由"), finding.dispute),
        (_("申诉答复"), finding.dispute_answer),
        (_("复查意见"), finding.close_note),
        (_("销号日期"), cn_date(finding.closed_on)),
    ]
    return [(label, value) for label, value in rows if value]


def _entry(step: FindingStep) -> dict[str, Any]:
    actor = step.done_by.signature_label if step.done_by else _("系统")
    return {"at": step.done_at, "actor": actor, "text": step_words(step), "detail": step.note}


def _the_day(step: FindingStep) -> str:
    return cn_date(dt.date.fromisoformat(step.text))


def step_words(step: FindingStep) -> str:
    """A step in a sentence; the facility reads the same."""
    words: dict[str, Callable[[], str]] = {
        "issued": lambda: _("告知机构（检查 %(what)s）") % {"what": step.text},
        "plan": lambda: _("机构说明整改措施"),
        "report": lambda: _("机构反馈已整改，完成日期 %(day)s") % {"day": _the_day(step)},
        "ask_extension": lambda: _("机构申请延至 %(day)s") % {"day": _the_day(step)},
        "extend": lambda: _("同意延至 %(day)s") % {"day": _the_day(step)},
        "refuse_extension": lambda: _("不同意延期"),
        "dispute": lambda: _("机构提出申诉"),
        "uphold": lambda: _("申诉不成立，继续整改"),
        "annul": lambda: _("申诉成立，撤销这个问题"),
        "close": lambda: _("复查通过，已销号"),
        "return": lambda: _("复查未通过，请在 %(day)s前整改") % {"day": _the_day(step)},
        "transfer": lambda: _("移送%(what)s") % {"what": step.text},
        "take_back": lambda: _("撤回移送，请在 %(day)s前整改") % {"day": _the_day(step)},
        "withdrawn": lambda: _("已通知接收部门撤回移送（%(what)s）") % {"what": step.text},
        "settle": lambda: _("接收部门已处理，已销号"),
        "remind": lambda: _("提醒机构"),
        "escalate": lambda: _("超期升级"),
    }
    return words[step.act]()


def _finding_act(
    request: Request, finding: Finding, form: Any, words: str, act: Any, **more: Any
) -> HttpResponse:
    way = [(_("问题整改"), reverse("desk:findings"))]
    more.setdefault("facts", [(_("机构"), finding.facility.name), (_("问题"), finding.text),
                              (_("整改措施"), finding.measure)])  # fmt: skip
    return parts.act_page(request, finding, form, words, act, way=way, **more)


@offers(Finding, "close", key="number")
def finding_close(request: Request, finding: Finding) -> HttpResponse:
    """Looked at again and put right."""
    form = forms.RecheckForm(posted(request), request.FILES or None)

    def act() -> str:
        given = form.cleaned_data
        actions.close_finding(
            finding, given["note"], on_paper=given["how"] == "paper", photos=form.photos,
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("问题已销号。")

    return _finding_act(request, finding, form, _("复查通过"), act)


@offers(Finding, "return", key="number")
def finding_return(request: Request, finding: Finding) -> HttpResponse:
    """Looked at again and not put right."""
    due = deadlines.correction_due(finding.severity, request.today, in_force(request.today))
    form = forms.ReturnForm(
        posted(request), request.FILES or None, initial={"due_on": due, "how": "site"}
    )

    def act() -> str:
        given = form.cleaned_data
        actions.return_finding(
            finding, given["note"], given["due_on"], on_paper=given["how"] == "paper",
            photos=form.photos, by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已退回机构继续整改。")

    return _finding_act(request, finding, form, _("复查未通过"), act)


@offers(Finding, "extend", key="number")
def finding_extend(request: Request, finding: Finding) -> HttpResponse:
    """Grant more time."""
    initial = {"day": finding.extension_until}
    form = forms.DayForm(posted(request), since=request.today, initial=initial)
    form.submit_label = _("同意延期")

    def act() -> str:
        day = form.cleaned_data["day"]
        actions.extend_finding(finding, day, by=request.actor, at=request.at)
        return _("已同意延期。")

    facts = [
        (_("整改期限"), cn_date(finding.due_on)),
        (_("申请延至"), cn_date(finding.extension_until)),
        (_("原因"), finding.extension_reason),
    ]
    return _finding_act(request, finding, form, _("同意延期"), act, facts=facts)


def _by_reason(
    request: Request, finding: Finding, words: str, verb: Any, *, told: str, label: str = ""
) -> HttpResponse:
    """Acts that need nothing but words."""
    form = (forms.WordsForm if label else forms.ReasonForm)(posted(request))
    form.submit_label = words
    if label:
        form.fields["reason"].label = label

    def act() -> str:
        verb(finding, form.cleaned_data["reason"], by=request.actor, at=request.at)
        return told

    return _finding_act(request, finding, form, words, act)


@offers(Finding, "refuse_extension", key="number")
def finding_refuse(request: Request, finding: Finding) -> HttpResponse:
    """No more time."""
    told = _("已答复机构不同意延期。")
    return _by_reason(request, finding, _("不同意延期"), actions.refuse_extension, told=told)


@offers(Finding, "annul", key="number")
def finding_annul(request: Request, finding: Finding) -> HttpResponse:
    """The facility is right."""
    told, label = _("已撤销这个问题。"), _("答复")
    return _by_reason(
        request, finding, _("申诉成立"), actions.annul_finding, told=told, label=label
    )


@offers(Finding, "settle", key="number")
def finding_settle(request: Request, finding: Finding) -> HttpResponse:
    """The authority has dealt with it."""
    told, label = _("问题已销号。"), _("接收部门的处理结果")
    return _by_reason(
        request, finding, _("处理完毕，销号"), actions.settle_finding, told=told, label=label
    )


@offers(Finding, "uphold", key="number")
def finding_uphold(request: Request, finding: Finding) -> HttpResponse:
    """The finding stands."""
    due = deadlines.correction_due(finding.severity, request.today, in_force(request.today))
    form = forms.DueForm(posted(request), initial={"due_on": due})
    form.submit_label = _("申诉不成立")

    def act() -> str:
        given = form.cleaned_data
        actions.uphold_finding(
            finding, given["answer"], given["due_on"], by=request.actor, at=request.at
        )
        return _("已答复机构，继续整改。")

    return _finding_act(request, finding, form, _("申诉不成立"), act)


@offers(Finding, "take_back", key="number")
def finding_take_back(request: Request, finding: Finding) -> HttpResponse:
    """Handed over by mistake, or returned by the authority: the facility corrects it again."""
    due = deadlines.correction_due(finding.severity, request.today, in_force(request.today))
    form = forms.TakeBackForm(posted(request), initial={"due_on": due})

    def act() -> str:
        given = form.cleaned_data
        actions.take_back_finding(
            finding, given["reason"], given["due_on"], by=request.actor, at=request.at
        )
        return _("已撤回移送，机构会收到通知。")

    to = finding.transferred_to
    facts = [(_("问题"), finding.text), (_("接收部门"), to.name if to else "")]
    return _finding_act(request, finding, form, _("撤回移送"), act, facts=facts)


@offers(Finding, "transfer", key="number")
def finding_transfer(request: Request, finding: Finding) -> HttpResponse:
    """Hand it to the authority that answers for it."""
    first = next(iter(queries.with_department(finding, request.today)), None)
    initial = {"department": first and first.slug, "facts": f"{finding.text}。"}
    form = forms.HandOverForm(posted(request), initial=initial, day=request.today)

    def act() -> str:
        to, facts = form.cleaned_data["department"], form.cleaned_data["facts"]
        sent = actions.transfer_finding(finding, to, facts, by=request.actor, at=request.at)
        return _("已发出移送函 %(number)s。") % {"number": sent.number}

    preview = _letter(request, finding, first, form)
    return _finding_act(request, finding, form, _("移送"), act, preview=preview)


def _letter(request: Request, finding: Finding, department: Any, form: Any) -> dict[str, Any]:
    if department is None:
        return {}
    due = transfer_rules.transfer_due(request.today, in_force(request.today), working_calendar())
    facts = form["facts"].value() or _("（这里写移送的情况）")
    blocks = papers.transfer_blocks(finding, department, facts, due)
    return {"title": "问题线索移送函", "blocks": blocks}


@offers(Transfer, "acknowledge")
def handed_over_receipt(request: Request, letter: Transfer) -> HttpResponse:
    """The authority's receipt for a letter about a finding has come."""
    form = forms.ReceiptForm(posted(request), today=request.today, since=letter.sent_on)

    def act() -> str:
        day = form.cleaned_data["on"]
        letters.acknowledge_transfer(letter, day, by=request.actor, at=request.at)
        return _("已记下回执。")

    return _letter_act(request, letter, form, _("移送回执"), act)


@offers(Transfer, "answer")
def handed_over_feedback(request: Request, letter: Transfer) -> HttpResponse:
    """The authority has told what it found or did."""
    form = forms.FeedbackForm(posted(request), today=request.today, since=letter.sent_on)

    def act() -> str:
        day, result = form.cleaned_data["on"], form.cleaned_data["result"]
        letters.answer_transfer(letter, day, result, by=request.actor, at=request.at)
        return _("已记下反馈。")

    return _letter_act(request, letter, form, _("移送反馈"), act)


def _letter_act(
    request: Request, letter: Transfer, form: Any, words: str, act: Callable[[], str]
) -> HttpResponse:
    """An act about a letter, on the page of its finding; other letters have pages of their own."""
    finding = Finding.objects.visible_to(request.user).filter(transfer=letter).first()
    if finding is None:
        raise Http404
    facts = [(_("文号"), letter.number), (_("接收部门"), letter.department.name),
             (_("应反馈日期"), cn_date(letter.due_on))]  # fmt: skip
    return _finding_act(request, finding, form, words, act, facts=facts)


@offers(Finding, "publish", key="number")
def finding_publish(request: Request, finding: Finding) -> HttpResponse:
    """Ask that it be named to the public; another person decides."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("提请公示")

    def act() -> str:
        actions.propose_overdue(finding, by=request.actor, at=request.at)
        return _("已提请公示，由另一人决定。")

    body = public.overdue_notice(finding)
    more = {"title": f"{finding.facility.name} 整改事项", "body": body}
    return _finding_act(request, finding, form, _("提请公示整改事项"), act, **more)


@lists(Transfer, roles=READERS)
def transfers(request: Request) -> HttpResponse:
    """The letters about findings: to whom, receipt, feedback (S22)."""
    page = page_of(request, queries.transfers_for(request.user))
    context = {
        "title": _("线索移送"),
        "lead": _("检查发现的问题移送给有关部门的函，超过提醒日期没有反馈的请催办。"),
        "head": [_("文号"), _("机构"), _("接收部门"), _("状态"), _("应反馈日期")],
        "rows": [{"key": each.number, "cells": _letter_row(each)} for each in page],
        "page": page,
        "empty": (_("没有移送"), _("问题移送给有关部门后，会列在这里。")),
        "crumbs": parts.crumbs((_("问题整改"), reverse("desk:findings")), (_("线索移送"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _letter_row(finding: Finding) -> list[dict[str, Any]]:
    letter: Any = finding.transfer
    return [
        parts.link(letter.number, reverse("desk:finding", args=[finding.number])),
        parts.text(finding.facility.name) | {"label": _("机构")},
        parts.text(letter.department.name) | {"label": _("接收部门")},
        parts.badge(letter) | {"label": _("状态")},
        parts.day(letter.due_on) | {"label": _("应反馈日期")},
    ]
