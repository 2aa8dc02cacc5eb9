"""What the desk asks across the apps: what waits, for whom, until when."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from django.db.models import Case, CharField, Count, DateField, Q, QuerySet, Value, When, Window
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Complaint
from complaints.queries import casework
from complaints.workflow import ComplaintStatus
from facilities.filters import week_end
from facilities.models import Filing
from facilities.queries import filings_for, review_queue
from facilities.queries.desk import how_many
from facilities.queries.merging import merges_to_decide
from facilities.workflow import FilingStatus
from inspections.queries.waiting import (
    conflicts_waiting,
    findings_waiting,
    visits_to_arrange,
    visits_waiting,
)
from inspections.workflow import FindingStatus, InspectionStatus
from portal.core.models import CalendarYear, Notification, User

WARN_FROM_MONTH = 12  # the coming year's holidays are announced in November
GROUPS = (
    ("overdue", gettext_lazy("已超期")),
    ("today", gettext_lazy("今天到期")),
    ("week", gettext_lazy("本周")),
    ("later", gettext_lazy("以后")),
)
LONGEST_GROUP = 100
VISIT, FINDING = 0, 1
S = ComplaintStatus


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the inbox: a verb, what it is about, its number, until when."""

    verb: str
    subject: str
    number: str
    url: str
    due: dt.date | None
    paused: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that are equally near."""

    key: str
    label: Any
    tasks: Sequence[Task]


def grouped(tasks: Iterable[Task], today: dt.date) -> list[Group]:
    """Overdue, due today, this week, later; empty groups are left out."""
    found: dict[str, list[Task]] = {key: [] for key, _label in GROUPS}
    for task in tasks:
        found[_nearness(task.due, today)].append(task)
    return [Group(key, label, found[key]) for key, label in GROUPS if found[key]]


def _nearness(due: dt.date | None, today: dt.date) -> str:
    if due is None:
        return "later"
    if due < today:
        return "overdue"
    if due == today:
        return "today"
    return "week" if due <= week_end(today) else "later"


def review_tasks(filings: Iterable[Filing], user: User) -> list[Task]:
    """The review queue in words."""
    return [
        Task(_verb(each), each.facility_name, each.number, each.url_for(user), each.answer_due)
        for each in filings
    ]


def _verb(filing: Filing) -> str:
    if filing.state == FilingStatus.PROPOSED:
        return _("审定登记")
    if filing.state == FilingStatus.IN_REVIEW:
        return _("继续审核")
    return _("复核补正") if filing.round > 1 else _("审核登记")


def facility_tasks(user: User, today: dt.date) -> list[Task]:
    """What is to be done about facilities themselves, in words and in one question.

    Proposals to make one record of two; classes that contradict the public grade; and in one line,
    how many should be visited soon by their class: those are many when nothing is planned yet.
    """
    no_day = Cast(Value(None), DateField())
    rows = merges_to_decide(user).order_by().values_list(
        Value("merge"), "pk", "source__name", "source__code", no_day
    ).union(
        conflicts_waiting(user).order_by().values_list(
            Value("conflict"), "pk", "facility__name", "facility__code", no_day
        ),
        visits_to_arrange(user, today).order_by("next_due_on", "pk").values_list(
            Value("visit"), "pk", Cast(Window(Count("pk")), CharField()), Value(""), "next_due_on"
        )[:1],
        all=True,
    )  # fmt: skip
    return list(starmap(_facility_task, sorted(rows)[:LONGEST_GROUP]))


def _facility_task(what: str, key: uuid.UUID, name: str, code: str, due: dt.date | None) -> Task:
    if what == "merge":
        return Task(_("审定合并"), name, code, reverse("desk:merge", args=[key]), None)
    if what == "visit":
        words = _("%(n)s 家机构走访快到期，还没有安排") % {"n": name}
        return Task(_("安排走访"), words, "", f"{reverse('desk:risks')}?tab=due", due)
    url = reverse("desk:facility_risk", args=[code])
    return Task(_("说明或重新评估"), name, code, url, None)


def supervision_tasks(user: User) -> list[Task]:
    """Visits and then findings that wait for this person, in words and in one question."""
    until = Case(When(state=FindingStatus.REPORTED, then="recheck_due_on"), default="due_on")
    visits, findings = visits_waiting(user), findings_waiting(user)
    rows = visits.values_list(
        Value(VISIT), "due_on", "number", "state", "facility__name"
    )[:LONGEST_GROUP].union(
        findings.values_list(
            Value(FINDING), until, "number", "state", "facility__name"
        )[:LONGEST_GROUP],
        all=True,
    )  # fmt: skip
    return list(starmap(_supervision_task, sorted(rows, key=_visits_first)))


def _visits_first(row: Any) -> tuple[int, dt.date, str]:
    what, due, number, _state, _name = row
    return what, due or dt.date.max, number


def _supervision_task(what: int, due: dt.date | None, number: str, state: str, name: str) -> Task:
    if what == VISIT:
        return Task(
            _visit_verb(state), name, number, reverse("desk:inspection", args=[number]), due
        )
    return Task(_finding_verb(state), name, number, reverse("desk:finding", args=[number]), due)


def _visit_verb(state: str) -> str:
    words = {
        InspectionStatus.PLANNED: _("安排检查"),
        InspectionStatus.AWAITING_APPROVAL: _("审批行政检查"),
        InspectionStatus.AWAITING_SIGNATURE: _("完成签字"),
    }
    return words.get(InspectionStatus(state), _("去检查"))


def _finding_verb(state: str) -> str:
    if state == FindingStatus.REPORTED:
        return _("复查整改")
    return _("答复申诉") if state == FindingStatus.DISPUTED else _("答复延期申请")


def case_tasks(user: User) -> list[Task]:
    """Complaints that wait for this person's hand, the nearest first; the number says it all."""
    return [
        Task(_case_verb(each), each.title or each.get_category_display(), each.number,
             each.url_for(user), casework.due_of(each), each.pause_reason)
        for each in casework.waiting_for(user)[:LONGEST_GROUP]
    ]  # fmt: skip


def _case_verb(case: Complaint) -> str:
    if case.is_red and case.acknowledged_by_id is None:
        return _("确认紧急举报")
    verbs = {S.RECEIVED: _("受理投诉"), S.REPLY_PROPOSED: _("审签答复"), S.REOPENED: _("复核投诉")}
    return verbs.get(ComplaintStatus(case.state), _("办理投诉"))


def with_others(user: User) -> QuerySet[Filing]:
    """What this person has handed on: to the facility to correct, to another person to decide."""
    mine = Q(state=FilingStatus.CORRECTION, handler=user)
    mine |= Q(state=FilingStatus.PROPOSED, proposed_by=user)
    return filings_for(user).filter(mine).order_by("answer_due", "id")


def filings_at_hand(user: User) -> tuple[list[Filing], list[Filing]]:
    """What waits for this person's own hand, and what he has handed on: in one question."""
    own, others = review_queue(user).order_by(), with_others(user).order_by()
    both = own.union(others, all=True).order_by("answer_due", "id")[: 2 * LONGEST_GROUP]
    found: dict[bool, list[Filing]] = {True: [], False: []}
    for filing in both:
        is_handed_on = filing.state == FilingStatus.CORRECTION or filing.proposed_by_id == user.pk
        found[is_handed_on].append(filing)
    return found[False], found[True]


def waiting_tasks(filings: Iterable[Filing], user: User) -> list[Task]:
    """What waits for others, in words; a stopped clock says so."""
    found = []
    for each in filings:
        paused, due, verb = "", each.answer_due, _("等待审定")
        if each.is_paused:
            paused, due, verb = _("等待机构补正"), each.correction_due, _("等待补正")
        subject, number = each.facility_name, each.number
        found.append(Task(verb, subject, number, each.url_for(user), due, paused))
    return found


def unread(user: User) -> QuerySet[Notification]:
    """The messages this person has not read, the newest first."""
    return Notification.objects.visible_to(user).unread()


def frame_counts(user: User) -> tuple[int, int]:
    """How much waits for this person's hand, and how many messages are unread: one query."""
    numbers: tuple[int, int] = (
        User.objects.filter(pk=user.pk)
        .values_list(
            how_many(review_queue(user))
            + how_many(merges_to_decide(user))
            + how_many(visits_waiting(user))
            + how_many(findings_waiting(user))
            + how_many(conflicts_waiting(user))
            + how_many(casework.waiting_for(user)),
            how_many(unread(user)),
        )
        .get()
    )
    return numbers


def year_without_calendar(today: dt.date) -> int | None:
    """The coming year, from 1 December, while its holidays are not in the calendar."""
    year = today.year + 1
    if today.month < WARN_FROM_MONTH or CalendarYear.objects.filter(year=year).exists():
        return None
    return year
