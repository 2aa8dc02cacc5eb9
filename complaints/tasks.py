"""What the calendar does for complaints, and how its messages read: the number and nothing else."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints import actions, queries
from complaints.actions import drafts, orders, throttle
from complaints.filters import hits_of
from complaints.models import Complaint, StatementRequest
from complaints.queries import clocks
from complaints.workflow import OPEN
from portal.core import clock, jobs, outbox
from portal.core.actors import Actor
from portal.core.models import SavedView, User
from portal.core.outbox import Words, words
from portal.core.queries import in_force
from portal.core.rounds import each
from portal.core.staffing.handover import open_work
from portal.core.tasks import on_calendar
from portal.core.topics import Topic


@open_work(gettext_lazy("投诉举报"))
def complaints_of(person: User) -> tuple[int, str]:
    """How many open cases lie with the person, and the list in which they are given away."""
    count = Complaint.objects.filter(handler=person, state__in=OPEN).count()
    return count, f"{reverse('desk:complaints')}?handler={person.pk}"


jobs.runs(orders.KIND)(orders.run_orders)


@outbox.handles("complaint.escalate")
def escalate(payload: Mapping[str, Any], at: dt.datetime) -> None:
    """The minutes are over: ring again unless somebody has acknowledged and reported it."""
    complaint = Complaint.objects.get(pk=payload["complaint"])
    actions.escalate_alarm(complaint, payload["level"], at=at)


@on_calendar
def warn_of_clocks(at: dt.datetime) -> int:
    """Warnings at 50 and 80 %, and when a day has passed."""
    return each(clocks.running(), actions.warn_of_clock, at)


@on_calendar
def go_on_unanswered(at: dt.datetime) -> int:
    """The complainant's days to answer are over: the case goes on."""
    return each(clocks.unanswered(clock.day_of(at)), _go_on, at)


@on_calendar
def end_pauses(at: dt.datetime) -> int:
    """A pause is over after the days of its kind, whether the expert has written or not."""
    rows = clocks.pauses_over(clock.day_of(at))
    return each(rows, lambda row, *, at: bool(_run_on(row, at)), at)


def _run_on(complaint: Complaint, at: dt.datetime) -> Complaint:
    return actions.end_pause(complaint, by=Actor.calendar(), at=at)


def _go_on(complaint: Complaint, *, at: dt.datetime) -> int:
    actions.go_on_without_answer(complaint, by=Actor.calendar(), at=at)
    return 1


@on_calendar
def remind_of_letters(at: dt.datetime) -> int:
    """Referred, and the other authority has not told what it found or did."""
    return each(clocks.letters_waiting(clock.day_of(at)), actions.remind_of_letter, at)


@on_calendar
def send_statements(at: dt.datetime) -> int:
    """The day's batch to the facilities, all at once and in no order of their own (sec:C4)."""
    return each(clocks.statements_to_send(clock.day_of(at)), actions.send_statement, at)


@on_calendar
def lapse_statements(at: dt.datetime) -> int:
    """Requests whose day has passed."""
    return each(clocks.statements_late(clock.day_of(at)), _lapse, at)


def _lapse(statement: StatementRequest, *, at: dt.datetime) -> int:
    actions.lapse_statement(statement, at=at)
    return 1


@on_calendar
def end_reveals(at: dt.datetime) -> int:
    """Grants whose day has passed, and wishes nobody answered."""
    rows = clocks.reveals_over(clock.day_of(at), in_force(clock.day_of(at)))
    return each(rows, lambda row, *, at: bool(actions.end_reveal(row, at=at)), at)


@on_calendar
def archive_cases(at: dt.datetime) -> int:
    """Closed cases whose days of review are over."""
    day = clock.day_of(at)
    rows = clocks.to_archive(day, in_force(day))
    return each(rows, lambda row, *, at: bool(actions.archive_complaint(row, at=at)), at)


LIST = "desk:complaints"


@on_calendar
def tell_new_hits(at: dt.datetime) -> int:
    """Whoever keeps conditions of the list hears once a day what they found the day before."""
    owners = User.objects.filter(is_active=True, saved_views__place=LIST).distinct()
    return each(owners.order_by("id"), _hits_of, at)


def _hits_of(person: User, *, at: dt.datetime) -> int:
    yesterday = clock.day_of(at) - dt.timedelta(days=1)
    views = person.saved_views.filter(place=LIST)
    hits = {view: hits_of(view, person, yesterday, at=at) for view in views}
    return actions.tell_of_hits(person, hits, at=at)


@words("complaint.hits", Topic.REMINDER, is_timeless=True)
def _new_hits(_about: User, params: Mapping[str, str], person: User) -> Words:
    """What was thrown away meanwhile is left out."""
    hits = json.loads(params["hits"])
    views = SavedView.objects.filter(owner=person, pk__in=hits)
    found = [_("%(name)s %(n)s 件") % {"name": v.name, "n": hits[str(v.pk)]} for v in views]
    return Words(_("保存的筛选里昨天收到的投诉"), "；".join(found), reverse(LIST))


@on_calendar
def warn_of_erasures(at: dt.datetime) -> int:
    """Contents that will be destroyed within the days of notice."""
    day = clock.day_of(at)
    return each(clocks.to_warn_of_erasure(day, in_force(day)), actions.warn_of_erasure, at)


@on_calendar
def erase_contacts(at: dt.datetime) -> int:
    """Who complained, where its days are over and no hold stands."""
    rows = clocks.contacts_over(clock.day_of(at))
    return each(rows, lambda row, *, at: bool(actions.erase_contact(row, at=at)), at)


@on_calendar
def erase_contents(at: dt.datetime) -> int:
    """Everything that was told, where its days are over and no hold stands."""
    rows = clocks.contents_over(clock.day_of(at))
    return each(rows, lambda row, *, at: bool(actions.erase_complaint(row, at=at)), at)


@on_calendar
def forget_what_is_over(at: dt.datetime) -> int:
    """Delivered rows with their times, drafts nobody came back to, used puzzles, old lists."""
    return (
        actions.forget_deliveries(at=at) + drafts.forget_drafts(at=at) + throttle.forget_work(at=at)
        + orders.forget_orders(at=at)
    )  # fmt: skip


def _about(complaint: Complaint, person: User, title: str) -> Words:
    """Title with the number; the link only for whom the case is within reach."""
    url = complaint.url_for(person) if queries.may_see(complaint, person) else ""
    return Words(title % {"number": complaint.number}, "", url)


RINGING = frozenset({"alarm", "escalation", "unreported"})


def _register(kind: str, title: Any, topic: Topic = Topic.TASK) -> None:
    # What rings is wanted with its minute; everything else keeps the day (R10).
    @words(f"complaint.{kind}", topic, is_timeless=kind not in RINGING)
    def wording(complaint: Complaint, params: Mapping[str, str], person: User) -> Words:
        return _about(complaint, person, str(title))


for _kind, _title, _topic in (
    ("new", gettext_lazy("收到投诉 %(number)s"), Topic.TASK),
    ("spike", gettext_lazy("同一家机构几天内收到多件投诉，最近一件是 %(number)s"), Topic.TASK),
    ("alarm", gettext_lazy("紧急：举报 %(number)s 需要马上确认"), Topic.TASK),
    ("escalation", gettext_lazy("紧急：举报 %(number)s 还没有人确认"), Topic.TASK),
    ("unreported", gettext_lazy("紧急：举报 %(number)s 还没有向公安或主管部门报告"), Topic.TASK),
    ("apart", gettext_lazy("投诉 %(number)s 恢复单独办理"), Topic.TASK),
    ("assigned", gettext_lazy("投诉 %(number)s 分派给您"), Topic.TASK),
    ("pressed", gettext_lazy("催办：投诉 %(number)s"), Topic.REMINDER),
    ("category", gettext_lazy("投诉 %(number)s 的类别已调整"), Topic.TASK),
    ("second_person", gettext_lazy("投诉 %(number)s 有一项需要您核对"), Topic.TASK),
    ("answered", gettext_lazy("投诉 %(number)s 有新的回复"), Topic.TASK),
    ("statement", gettext_lazy("投诉 %(number)s 的情况说明有进展"), Topic.TASK),
    ("statement_back", gettext_lazy("投诉 %(number)s 的问题摘要被退回"), Topic.TASK),
    ("referral", gettext_lazy("投诉 %(number)s 的转办有反馈"), Topic.TASK),
    ("letter_waits", gettext_lazy("投诉 %(number)s 转办的部门还没有反馈"), Topic.REMINDER),
    ("reply_waits", gettext_lazy("投诉 %(number)s 的答复待审签"), Topic.TASK),
    ("reply_back", gettext_lazy("投诉 %(number)s 的答复被退回"), Topic.TASK),
    ("closed", gettext_lazy("投诉 %(number)s 已办结"), Topic.TASK),
    ("review", gettext_lazy("投诉 %(number)s 申请复核"), Topic.TASK),
    ("withdrawn", gettext_lazy("投诉 %(number)s 已撤回"), Topic.TASK),
    ("contact", gettext_lazy("投诉 %(number)s 查看联系方式的申请有答复"), Topic.TASK),
    ("due", gettext_lazy("投诉 %(number)s 的期限临近"), Topic.REMINDER),
    ("late", gettext_lazy("投诉 %(number)s 已经超期"), Topic.REMINDER),
    ("pause_over", gettext_lazy("投诉 %(number)s 的暂停到期，期限继续计算"), Topic.REMINDER),
    ("erasure", gettext_lazy("投诉 %(number)s 的内容将按期销毁"), Topic.REMINDER),
):
    _register(_kind, _title, _topic)


@words("statement.asked", Topic.TASK)
def _statement_asked(statement: StatementRequest, params: Mapping[str, str], person: User) -> Words:
    title = _("请说明情况（%(number)s）") % {"number": statement.number}
    return Words(title, "", statement.url_for(person))
