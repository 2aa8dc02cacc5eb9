"""What happens to accounts: changes decided by two persons, one-time codes, open sessions."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

from .base import Noun
from .people import Community, RoleAssignment, User


class ChangeKind(models.TextChoices):
    """What is proposed about an account."""

    GIVE = "give", _("授予角色")
    END = "end", _("结束角色")
    RECOVER = "recover", _("重设登录")


class ChangeState(models.TextChoices):
    """The life of a proposal."""

    PROPOSED = "proposed", _("待决定")
    GRANTED = "granted", _("已同意")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


S = ChangeState
KEEPERS = frozenset({Role.APPROVER, Role.SYSADMIN})
_OPEN = frozenset({S.PROPOSED})
_OTHERS = ("proposed_by", "person")
CHANGE = register(
    StateMachine(
        "accountchange",
        ChangeState,
        initial=S.PROPOSED,
        transitions=(
            Transition("grant", _OPEN, S.GRANTED, KEEPERS, other_than=_OTHERS),
            Transition("refuse", _OPEN, S.REFUSED, KEEPERS, needs=("reason",), other_than=_OTHERS),
            Transition("withdraw", _OPEN, S.WITHDRAWN, KEEPERS, own=True),
        ),
    )
)


class KeptQuerySet(models.QuerySet["AccountChange"]):
    def visible_to(self, user: User) -> KeptQuerySet:
        """Those who keep the accounts see every proposal about them."""
        return self.all() if user.has_role(*KEEPERS) else self.none()

    def open(self) -> KeptQuerySet:
        """What waits for the second person."""
        return self.filter(state=S.PROPOSED)


class AccountChange(Noun):
    """A change to somebody's roles or sign-in: one person proposes, another decides (R4, R5).

    `role`, `community` and the dates say what is given; `assignment` with `valid_to` what ends
    and on which last day; `resets_factor` whether the second factor goes with the password.
    """

    machine = CHANGE

    person = models.ForeignKey(
        User, verbose_name=_("账号"), on_delete=models.PROTECT, related_name="changes"
    )
    kind = models.CharField(_("事项"), max_length=10, choices=ChangeKind)
    role = models.CharField(_("角色"), max_length=20, choices=Role, blank=True)
    community = models.ForeignKey(
        Community, verbose_name=_("社区（村）"), null=True, blank=True, on_delete=models.PROTECT
    )
    valid_from = models.DateField(_("起始日期"), null=True, blank=True)
    valid_to = models.DateField(_("截止日期"), null=True, blank=True)
    assignment = models.ForeignKey(
        RoleAssignment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    resets_factor = models.BooleanField(_("同时关闭两步验证"), default=False)
    reason = models.CharField(_("理由"), max_length=250)
    state = models.CharField(_("状态"), max_length=10, choices=ChangeState, default=S.PROPOSED)
    proposed_by = models.ForeignKey(
        User, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, verbose_name=_("决定人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decision_reason = models.CharField(_("决定的理由"), max_length=250, blank=True)

    objects = KeptQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("账号变更")
        verbose_name_plural = _("账号变更")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChangeState.values), name="account_change_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=F("person"))),
                name="account_change_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["granted", "refused"], decided_by__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], decided_by=None),
                name="account_change_decided",
            ),
            models.CheckConstraint(
                condition=~Q(person=F("proposed_by")), name="account_change_not_own"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "role", "community", "assignment"],
                condition=Q(state="proposed"),
                nulls_distinct=False,
                name="account_change_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_role_display()}".strip()

    def belongs_to(self, user: User) -> bool:
        """Whether this person proposed it."""
        return self.proposed_by_id == user.pk

    def url_for(self, user: User) -> str:
        """The page of the proposal."""
        return reverse("desk:account_change", args=[self.pk])


class CodeKind(models.TextChoices):
    """What a one-time code is for."""

    INVITATION = "invitation", _("首次设置密码")
    RECOVERY = "recovery", _("重设登录")


class AccountCode(Noun):
    """A code that sets a password once; only its keyed fingerprint is kept."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="codes")
    kind = models.CharField(max_length=10, choices=CodeKind)
    code_key = models.CharField(max_length=64, unique=True)
    resets_factor = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    used = models.BooleanField(default=False)

    class Meta:
        app_label = "core"
        verbose_name = _("一次性代码")
        verbose_name_plural = _("一次性代码")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CodeKind.values), name="account_code_kind_known"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at=None), name="account_code_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person_id}"

    def is_open(self, at: dt.datetime) -> bool:
        """Whether the code would still be taken at `at`."""
        return self.ended_at is None and at < self.expires_at


class UserSession(models.Model):
    """An open sign-in; the session itself lies in Django's table, here only its fingerprint."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    seen_on = models.DateField()

    class Meta:
        app_label = "core"
        ordering = ["-created_at"]
        verbose_name = _("登录")
        verbose_name_plural = _("登录")

    def __str__(self) -> str:
        return f"{self.user_id} {self.seen_on}"
