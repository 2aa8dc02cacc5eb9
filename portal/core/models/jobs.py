"""Work that takes longer than a page: exports, imports, comparisons, with what came of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import WRITING_ROLES, Role
from portal.core.statemachine import StateMachine, Transition, register

from .base import Noun
from .people import User


class JobState(models.TextChoices):
    """The life of a job."""

    WAITING = "waiting", _("待确认")
    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("没有完成")
    CANCELLED = "cancelled", _("已取消")
    UNDONE = "undone", _("已撤回")
    EXPIRED = "expired", _("已过期")


S = JobState

# Who looks after the people, writes nothing and so stops no job; the others their own.
_OWNERS, _NOBODY = WRITING_ROLES, frozenset[str]()
JOB = register(
    StateMachine(
        "job",
        JobState,
        initial=S.WAITING,
        transitions=(
            Transition("confirm", frozenset({S.WAITING}), S.QUEUED, _OWNERS, own=True),
            Transition(
                "begin", frozenset({S.QUEUED, S.RUNNING}), S.RUNNING, _NOBODY, calendar=True
            ),
            Transition("finish", frozenset({S.RUNNING}), S.DONE, _NOBODY, calendar=True),
            Transition("fail", frozenset({S.RUNNING}), S.FAILED, _NOBODY, calendar=True),
            Transition(
                "cancel", frozenset({S.WAITING, S.QUEUED, S.RUNNING}), S.CANCELLED, _OWNERS,
                own=True,
            ),
            Transition("retry", frozenset({S.FAILED}), S.QUEUED, _OWNERS, own=True),
            Transition(
                "undo", frozenset({S.DONE, S.EXPIRED}), S.UNDONE, frozenset({Role.CLERK})
            ),
            Transition(
                "expire", frozenset({S.WAITING, S.DONE, S.FAILED, S.CANCELLED}), S.EXPIRED,
                _NOBODY, calendar=True,
            ),
        ),
    )
)  # fmt: skip


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> JobQuerySet:
        """One's own, those shared with a role one holds; an auditor sees that they happened."""
        if user.has_role(Role.AUDITOR):
            return self.all()
        return self.filter(Q(requested_by=user) | Q(shared_with__in=[*user.role_names]))


class Job(Noun):
    """One export, import or comparison. Its file lies in the private store under a random key.

    `params` is what was asked for (an export: name, format, and the filter as a query string),
    `report` what a check or a comparison found. `shared_with` is a role whose holders see the job
    as well; the file stays with the person who asked.
    """

    machine = JOB

    kind = models.SlugField(_("种类"), max_length=40)
    title = models.CharField(_("名称"), max_length=120)
    params = models.JSONField(default=dict)
    shared_with = models.CharField(max_length=20, choices=Role, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=JobState, default=S.QUEUED)
    done = models.PositiveIntegerField(_("已处理"), default=0)
    total = models.PositiveIntegerField(_("共"), default=0)
    rows = models.PositiveIntegerField(_("行数"), null=True)
    input_key = models.CharField(max_length=50, blank=True)
    result_key = models.CharField(max_length=50, blank=True)
    result_name = models.CharField(_("文件名"), max_length=120, blank=True)
    media_type = models.CharField(max_length=80, blank=True)
    report = models.JSONField(default=dict)
    error = models.CharField(_("原因"), max_length=300, blank=True)
    requested_by = models.ForeignKey(
        User, verbose_name=_("发起人"), on_delete=models.PROTECT, related_name="jobs"
    )
    requested_at = models.DateTimeField(_("发起时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    expires_on = models.DateField(_("文件保留到"), null=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["-requested_at", "-id"]
        verbose_name = _("导入导出任务")
        verbose_name_plural = _("导入导出任务")
        indexes = [
            models.Index(fields=["requested_by", "-requested_at"], name="job_of_person"),
            models.Index(
                fields=["requested_at"],
                condition=Q(state__in=["queued", "running"]),
                name="job_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=~Q(state=JobState.FAILED) | ~Q(error=""), name="job_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def belongs_to(self, user: User) -> bool:
        """Whether this person asked for it."""
        return self.requested_by_id == user.pk

    @property
    def is_open(self) -> bool:
        """Whether a worker still has to do with it."""
        return self.state in {S.QUEUED, S.RUNNING}

    @property
    def percent(self) -> int:
        """How far it has come, 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def page(self) -> str:
        """The page about this job alone, where its kind has one."""
        route = self.params.get("route")
        return reverse(route, args=[self.pk]) if route else ""

    def url_for(self, user: User) -> str:
        """The list in which this person finds the job."""
        return reverse("desk:jobs")
