"""How far a filing has come, in the operator's words: tasks, state, what happens next."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from facilities import queries
from facilities.forms import FORMS, GROUPS, LAST_GROUP, SECTION_NAMES
from facilities.models import CorrectionItem, Filing, FilingSection
from facilities.models.choices import FilingKind
from facilities.queries.life import BASELINE
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import badges
from portal.core.models import OfficialPaper
from portal.core.templatetags.portal import cn_date, cn_day

S = FilingStatus
# What an operator reads of each state (ux.md §4.5); a proposal is the office's own affair.
STATE_WORDS = {
    S.DRAFT: gettext_lazy("填写中，还没有提交"),
    S.SUBMITTED: gettext_lazy("已提交，等待审核"),
    S.IN_REVIEW: gettext_lazy("正在审核"),
    S.CORRECTION: gettext_lazy("需要补充材料"),
    S.PROPOSED: gettext_lazy("正在审核"),
    S.REGISTERED: gettext_lazy("已在街道登记"),
    S.DECLINED: gettext_lazy("没有登记，原因见告知书"),
    S.WITHDRAWN: gettext_lazy("您已撤回"),
    S.SUPERSEDED: gettext_lazy("已变更"),
}
_LISTS = frozenset(form.rows_name for form in FORMS.values() if form.rows_name)
_FIRST = (S.CORRECTION, S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.PROPOSED)
_TASK_LOOKS = {
    SectionStatus.NOT_STARTED: ("neutral", "dash-circle"),
    SectionStatus.IN_PROGRESS: ("neutral", "pencil-square"),
    SectionStatus.FLAGGED: ("warn", "arrow-repeat"),
}


def state_badge(filing: Filing) -> badges.Badge:
    """The state as the operator reads it."""
    look = badges.of(filing)
    if filing.state == S.PROPOSED:
        look = badges.Badge("progress", "eye", "")
    return badges.Badge(look.family, look.icon, STATE_WORDS[S(filing.state)])


def ordered(filings: Iterable[Filing]) -> list[Filing]:
    """What the operator must do first stands first."""
    place = {state: number for number, state in enumerate(_FIRST)}
    return sorted(filings, key=lambda filing: place.get(S(filing.state), len(place)))


def kind_name(filing: Filing) -> Any:
    """What the filing is called: a first report is simply the report."""
    if filing.kind == FilingKind.INITIAL:
        return _("登记报送")
    return filing.get_kind_display()


def next_step(filing: Filing) -> tuple[str, str]:
    """Words and address of what to do with a filing now."""
    words = {
        S.DRAFT: _("继续填写"),
        S.CORRECTION: _("去补正"),
        S.REGISTERED: _("查看登记回执"),
        S.DECLINED: _("查看告知书"),
    }
    url = reverse("my:filing", args=[filing.number])
    return words.get(S(filing.state), _("查看进度")), url


def sentence(filing: Filing, today: dt.date) -> str:
    """Where it stands and until when, in one sentence."""
    if filing.state == S.DRAFT:
        return _("草稿保留到 %(day)s。") % {"day": cn_date(filing.draft_until)}
    if filing.state == S.CORRECTION:
        day = {"day": cn_day(filing.correction_due)}
        return _("请最迟在 %(day)s补正并重新提交，街道的答复期限暂停计算。") % day
    if filing.state in {S.SUBMITTED, S.IN_REVIEW, S.PROPOSED}:
        if filing.answer_due and filing.answer_due < today:
            return _("已经过了答复日期，您可以打电话向街道询问。")
        return _("街道最迟在 %(day)s答复您。") % {"day": cn_day(filing.answer_due)}
    if filing.state == S.WITHDRAWN and not filing.submitted_at and filing.draft_until < today:
        return _("草稿保留期已过，需要时请重新填写。")
    return ""


# --- the task list ------------------------------------------------------------------------------


def is_open(filing: Filing, section: FilingSection, flagged: set[str]) -> bool:
    """Whether the section may be changed now; the action asks the same."""
    if filing.state == S.CORRECTION:
        return section.key in flagged or section.status != SectionStatus.COMPLETE
    if section.status == SectionStatus.COMPLETE and not queries.is_task(filing, section.key):
        return False
    return filing.state == S.DRAFT


def corrections_of(items: Iterable[CorrectionItem]) -> dict[str, list[CorrectionItem]]:
    """What the office asked for, by section."""
    found: dict[str, list[CorrectionItem]] = defaultdict(list)
    for item in items:
        found[item.section].append(item)
    return dict(found)


def asked_here(items: Iterable[CorrectionItem]) -> list[tuple[str, str]]:
    """Each reason with the place of its field on the section's page."""
    return [
        (
            item.reason,
            item.item and (item.item if item.item in _LISTS else f"div_id_{item.item}"),
        )
        for item in items
    ]


def task_groups(
    filing: Filing,
    sections: Mapping[str, FilingSection],
    asked: Mapping[str, Sequence[CorrectionItem]],
    remarks: Mapping[str, int],
) -> list[dict[str, Any]]:
    """The sections in their groups and the last step, for components/task_list.html."""
    groups = [
        {
            "label": label,
            "tasks": [
                _task(filing, sections[key], set(asked), remarks.get(key, 0))
                for key in keys
                if key in sections
            ],
        }
        for label, keys in GROUPS
    ]
    ready = is_ready(sections)
    last: dict[str, Any] = {"label": _("核对并提交")}
    if ready:
        last |= {"url": reverse("my:check", args=[filing.number]), "text": unbroken(_("可以开始"))}
    else:
        last |= {
            "text": unbroken(_("还不能开始")),
            "note": _("前面 %(n)s 项都完成后，就可以核对并提交") % {"n": len(sections)},
        }
    groups = [group for group in groups if group["tasks"]]
    return [*groups, {"label": LAST_GROUP, "tasks": [last]}]


def _task(
    filing: Filing, section: FilingSection, flagged: set[str], remarks: int
) -> dict[str, Any]:
    task: dict[str, Any] = {"label": SECTION_NAMES[section.key]}
    if is_open(filing, section, flagged):
        task["url"] = reverse(f"my:{section.key}", args=[filing.number])
    if section.status == SectionStatus.COMPLETE:
        task["text"] = unbroken(_("已完成") if "url" in task else _("不用修改"))
    else:
        look = _TASK_LOOKS[SectionStatus(section.status)]
        task["badge"] = badges.Badge(*look, SectionStatus(section.status).label)
    if filing.kind == FilingKind.CLOSURE and section.key == "certificates":
        task["note"] = _("孩子转托安置协议等，可以不交")
    if remarks:
        note = ngettext("有 %(n)d 处请再核对", "有 %(n)d 处请再核对", remarks)
        task["note"] = note % {"n": remarks}
    return task


def unbroken(words: str) -> SafeString:
    """Words beside a long name that stay on one line."""
    return format_html('<span class="nobr">{}</span>', words)


def is_ready(sections: Mapping[str, FilingSection]) -> bool:
    """Whether every section is whole."""
    return all(section.status == SectionStatus.COMPLETE for section in sections.values())


def done_count(sections: Mapping[str, FilingSection]) -> int:
    """How many sections are whole."""
    return sum(section.status == SectionStatus.COMPLETE for section in sections.values())


# --- the timeline -------------------------------------------------------------------------------


def timeline(filing: Filing, papers: Sequence[OfficialPaper]) -> list[dict[str, Any]]:
    """What has happened, the oldest first, and what comes next."""
    past = [*_sendings(filing), *_requests(filing, papers)]
    past.sort(key=itemgetter("at"))
    return [*past, *_present(filing)]


def _sendings(filing: Filing) -> list[dict[str, Any]]:
    words = {1: _("您提交了登记报送")}
    sent = filing.submissions.exclude(round=BASELINE).order_by("round")
    rows = sent.values_list("round", "submitted_at")
    return [
        {"at": at, "text": words.get(number, _("您补正后重新提交")), "icon": "send"}
        for number, at in rows
    ]


def _requests(filing: Filing, papers: Sequence[OfficialPaper]) -> list[dict[str, Any]]:
    """Each request for corrections, with what it asked for; the papers tell when."""
    by_round: dict[int, list[str]] = defaultdict(list)
    for item in filing.corrections.filter(is_sent=True).order_by("round", "id"):
        by_round[item.round].append(f"{SECTION_NAMES[item.section]}：{item.reason}")
    notices = sorted(
        (paper for paper in papers if paper.kind == "correction_notice"),
        key=lambda paper: paper.issued_at,
    )
    return [
        {
            "at": notice.issued_at,
            "actor": _("街道"),
            "text": _("请您补充材料"),
            "detail": "\n".join(lines),
            "family": "warn",
            "icon": "arrow-repeat",
        }
        for notice, (_round, lines) in zip(notices, sorted(by_round.items()), strict=False)
    ]


def _present(filing: Filing) -> list[dict[str, Any]]:
    look = state_badge(filing)
    now: dict[str, Any] = {"text": look.word, "family": look.family, "icon": look.icon}
    if filing.state in {S.REGISTERED, S.DECLINED}:
        reason = filing.decision_reason if filing.state == S.DECLINED else ""
        return [now | {"at": filing.decided_at, "actor": _("街道"), "detail": reason}]
    if filing.state == S.CORRECTION:
        text = _("请您补正并重新提交")
        return [{"at": filing.correction_due, "style": "day", "text": text, "future": True}]
    if filing.ended_at:
        return [now | {"at": filing.ended_at}]
    entries = [now] if filing.state != S.SUBMITTED else []
    if filing.answer_due and filing.state in {S.SUBMITTED, S.IN_REVIEW, S.PROPOSED}:
        text = _("街道在这一天前答复您")
        entries.append({"at": filing.answer_due, "style": "day", "text": text, "future": True})
    return entries


def home_crumb() -> tuple[str, str]:
    """The operator's first page."""
    return _("我的机构"), reverse("my:home")


def filing_crumbs(filing: Filing, *last: Any) -> list[tuple[Any, str]]:
    """Where the reader is."""
    url = reverse("my:filing", args=[filing.number])
    return [home_crumb(), (filing.number, url), *((label, "") for label in last)]


def paper_ways(filing: Filing) -> list[OfficialPaper]:
    """The papers about the filing, the newest first."""
    return list(queries.papers_of(filing))
