"""What is kept no longer: a plan one person proposes and another approves, then carried out."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

from .base import Noun
from .people import User


class ErasureState(models.TextChoices):
    """The life of a plan."""

    PROPOSED = "proposed", _("待审定")
    DONE = "done", _("已清理")
    DECLINED = "declined", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


S = ErasureState
ERASURE_READERS = frozenset({Role.SYSADMIN, Role.APPROVER, Role.AUDITOR})
_OPEN, _DECIDES = frozenset({S.PROPOSED}), frozenset({Role.APPROVER})
ERASURE = register(
    StateMachine(
        "erasure",
        ErasureState,
        initial=S.PROPOSED,
        transitions=(
            Transition("approve", _OPEN, S.DONE, _DECIDES, other_than=("proposed_by",)),
            Transition(
                "decline", _OPEN, S.DECLINED, _DECIDES, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition("withdraw", _OPEN, S.WITHDRAWN, frozenset({Role.SYSADMIN}), own=True),
        ),
    )
)  # fmt: skip


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def visible_to(self, user: User) -> ErasureQuerySet:
        """Who proposes, who decides, who watches."""
        return self.all() if user.has_role(*ERASURE_READERS) else self.none()


class Erasure(Noun):
    """A plan: of each kind of record so many that ended before a moment. The records go, it stays.

    `plan` is a list of name, before, count; `erased` how many went, by name.
    """

    machine = ERASURE

    plan = models.JSONField()
    erased = models.JSONField(default=dict)
    state = models.CharField(_("状态"), max_length=10, choices=ErasureState, default=S.PROPOSED)
    proposed_by = models.ForeignKey(
        User, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, verbose_name=_("决定人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decision_reason = models.CharField(_("决定的理由"), max_length=250, blank=True)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("到期清理")
        verbose_name_plural = _("到期清理")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ErasureState.values), name="erasure_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="erasure_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "declined"], decided_by__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], decided_by=None),
                name="erasure_decided",
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="proposed"), name="erasure_open_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.proposed_at.date())

    def belongs_to(self, user: User) -> bool:
        """Whether this person proposed it."""
        return self.proposed_by_id == user.pk

    def url_for(self, user: User) -> str:
        """The page of the plan."""
        return reverse("desk:erasure", args=[self.pk])

    @property
    def total(self) -> int:
        """How many records the plan names."""
        return sum(int(step["count"]) for step in self.plan)
