"""What stands still: asked by the page of the administrator, by /readyz, and by the calendar.

A dead worker raises no alarm of its own, so the page and /readyz look themselves; what a living
one can see, the calendar tells the administrators, once a day and matter.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.core import clock, outbox
from portal.core.models import Backup, CalendarYear, Heartbeat, Job, Outbox, User
from portal.core.models.jobs import JobState
from portal.core.models.people import staff_with
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import action

from . import standing

STANDS_STILL_AFTER = dt.timedelta(minutes=10)
BEAT = "beat"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should go on by itself.

    `occasion` tells faults apart that are told each for itself on the same day.
    """

    name: str
    label: Any
    is_well: bool
    count: int = 0
    last: dt.datetime | None = None
    advice: Any = ""
    occasion: str = ""

    def once(self, day: dt.date) -> str:
        """What is told once."""
        return ":".join(filter(None, (self.name, str(day), self.occasion)))


@action
def beat(*, at: dt.datetime) -> None:
    """The schedule and a worker are alive: both had to do something for this."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"at": at})


def machinery(at: dt.datetime) -> list[Check]:
    """What makes the portal unfit for work when it stands still."""
    late = at - STANDS_STILL_AFTER
    owed = outbox.standing_still(at, STANDS_STILL_AFTER)
    last = Heartbeat.objects.filter(name=BEAT).values_list("at", flat=True).first()
    jobs = Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING], requested_at__lt=late)
    idle = jobs.exclude(claimed_until__gt=at).count()
    restart = _("请看后台任务进程是否还在运行，必要时重新启动")
    return [
        Check("outbox", _("消息、文书和邮件的发出"), owed == 0, owed, advice=restart),
        Check("jobs", _("导出、导入和备份任务"), idle == 0, idle, advice=restart),
        # A portal that has just been set up has had no round yet; what is owed shows above.
        Check("beat", _("定时任务"), last is None or last > late, last=last, advice=restart),
    ]


def upkeep(at: dt.datetime, jobs: list[standing.Standing] | None = None) -> list[Check]:
    """What a person has to see to; the portal works on meanwhile. `jobs`: see `rounds`, if read."""
    day = clock.day_of(at)
    return [
        _rounds(rounds(at) if jobs is None else jobs),
        _backup(at),
        _letters(),
        _failed_jobs(at),
        _calendar(day),
    ]


def rounds(at: dt.datetime) -> list[standing.Standing]:
    """The calendar's jobs one by one, those that are behind in front."""
    return standing.of_jobs(at, STANDS_STILL_AFTER)


def _rounds(jobs: list[standing.Standing]) -> Check:
    """Deadlines stand still without a sign where the job that minds them fails or hangs."""
    behind = [each for each in jobs if not each.is_well]
    advice = _("请看下面哪一项没有办成；一直不成的，请把名称和出错类型告诉技术人员")
    names = " ".join(sorted(each.job for each in behind))
    occasion = hashlib.sha256(names.encode()).hexdigest()[:16] if behind else ""
    return Check("rounds", _("到期事项的自动办理"), not behind, len(behind), advice=advice,
                 occasion=occasion)  # fmt: skip


def _backup(at: dt.datetime) -> Check:
    kept = Backup.objects.kept().order_by("-made_at").values_list("made_at", flat=True).first()
    begun = User.objects.order_by("date_joined").values_list("date_joined", flat=True).first()
    patience = dt.timedelta(hours=in_force(clock.day_of(at)).integer("backups.stale_hours"))
    since = kept or begun
    advice = _("请在“备份”页面立即备份一次，并看每晚的备份为什么没有做成")
    return Check("backup", _("备份"), since is None or at - since < patience, last=kept,
                 advice=advice)  # fmt: skip


def _letters() -> Check:
    count = Outbox.objects.filter(done_at=None, failed_at__isnull=False).count()
    return Check("letters", _("没有送达的邮件"), count == 0, count,
                 advice=_("请看“未送达的邮件”"))  # fmt: skip


def _failed_jobs(at: dt.datetime) -> Check:
    since = at - dt.timedelta(days=1)
    count = Job.objects.filter(state=JobState.FAILED, finished_at__gt=since).count()
    return Check("failed_jobs", _("一天内没有完成的任务"), count == 0, count,
                 advice=_("请在“导入导出”看原因"))  # fmt: skip


def _calendar(day: dt.date) -> Check:
    """From 1 December the plan of the next year should be known."""
    year = day.year + 1 if day.month == 12 else day.year
    known = CalendarYear.objects.filter(year=year, is_official=True).exists()
    return Check("calendar", _("节假日安排"), known,
                 advice=_("请按国务院办公厅的通知核对节假日"))  # fmt: skip


def alarms(at: dt.datetime) -> Iterator[Check]:
    """Everything that is not well."""
    return (check for check in [*machinery(at), *upkeep(at)] if not check.is_well)


@action
def tell(*, at: dt.datetime) -> int:
    """Tell the administrators what is not well; each matter and occasion once a day."""
    day = clock.day_of(at)
    people = list(User.objects.filter(pk__in=staff_with(Role.SYSADMIN, day), is_active=True))
    return sum(
        outbox.notify([person], "house.alarm", person, at=at, once=check.once(day),
                      check=check.name, count=check.count)
        for check in alarms(at)
        for person in people
    )  # fmt: skip
