"""What a role may do is changed by two persons: one proposes with a reason, another decides."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core import acts
from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

from .accounts import KEEPERS
from .base import Noun
from .people import User


class GrantKind(models.TextChoices):
    """What is proposed about a right of a role."""

    GIVE = "give", _("给予权限")
    TAKE = "take", _("收回权限")


class GrantState(models.TextChoices):
    """The life of a proposed change."""

    PROPOSED = "proposed", _("待决定")
    IN_FORCE = "in_force", _("已生效")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


S = GrantState
# Who proposes, who decides (the same as for the roles of a person), who reads.
PROPOSERS = frozenset({Role.SYSADMIN})
RIGHTS_READERS = KEEPERS | {Role.AUDITOR}
_OPEN, _OTHER = frozenset({S.PROPOSED}), ("proposed_by",)
GRANT = register(
    StateMachine(
        "grantchange",
        GrantState,
        initial=S.PROPOSED,
        transitions=(
            Transition("agree", _OPEN, S.IN_FORCE, KEEPERS, other_than=_OTHER),
            Transition("refuse", _OPEN, S.REFUSED, KEEPERS, needs=("reason",), other_than=_OTHER),
            Transition("withdraw", _OPEN, S.WITHDRAWN, PROPOSERS, own=True),
        ),
    )
)


class GrantChangeQuerySet(models.QuerySet["GrantChange"]):
    def visible_to(self, user: User) -> GrantChangeQuerySet:
        """Those who keep the accounts, and the auditor, see every change."""
        return self.all() if user.has_role(*RIGHTS_READERS) else self.none()

    def open(self) -> GrantChangeQuerySet:
        """What waits for the second person."""
        return self.filter(state=S.PROPOSED)

    def in_force(self) -> GrantChangeQuerySet:
        """What was decided: the say of the office, before any default of the tables."""
        return self.filter(state=S.IN_FORCE)


class GrantChange(Noun):
    """A right that a role shall have, or shall have no longer."""

    machine = GRANT
    shown_with = ("proposed_by", "decided_by")

    role = models.CharField(_("角色"), max_length=20, choices=Role)
    right = models.CharField(_("事项"), max_length=60)
    kind = models.CharField(_("变更"), max_length=10, choices=GrantKind)
    reason = models.CharField(_("理由"), max_length=250)
    state = models.CharField(_("状态"), max_length=10, choices=GrantState, default=S.PROPOSED)
    proposed_by = models.ForeignKey(
        User, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, verbose_name=_("决定人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decision_reason = models.CharField(_("决定的理由"), max_length=250, blank=True)

    objects = GrantChangeQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("角色权限变更")
        verbose_name_plural = _("角色权限变更")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=GrantState.values), name="grant_change_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="grant_change_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_force", "refused"], decided_by__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], decided_by=None),
                name="grant_change_decided",
            ),
            models.UniqueConstraint(
                fields=["role", "right"],
                condition=Q(state="proposed"),
                name="grant_change_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{acts.full_name(self.right)}"

    def belongs_to(self, user: User) -> bool:
        """Whether this person proposed it."""
        return self.proposed_by_id == user.pk

    def url_for(self, user: User) -> str:
        """The page of the change."""
        return reverse("desk:right_change", args=[self.pk])
