"""A new version of a pack of the law: one person proposes the text, another publishes it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

from .base import Noun
from .people import User


class PackState(models.TextChoices):
    """The life of a proposed version."""

    PROPOSED = "proposed", _("待审定")
    PUBLISHED = "published", _("已发布")
    DECLINED = "declined", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


S = PackState
# Who reads the law here, who brings another text, who decides (the leader of the office).
LAW_READERS = frozenset({Role.CLERK, Role.APPROVER, Role.SYSADMIN, Role.AUDITOR})
LAW_KEEPERS = frozenset({Role.CLERK, Role.SYSADMIN})
_OPEN, _DECIDES = frozenset({S.PROPOSED}), frozenset({Role.APPROVER})
PACK = register(
    StateMachine(
        "packproposal",
        PackState,
        initial=S.PROPOSED,
        transitions=(
            Transition("publish", _OPEN, S.PUBLISHED, _DECIDES, other_than=("proposed_by",)),
            Transition(
                "decline", _OPEN, S.DECLINED, _DECIDES, needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition("withdraw", _OPEN, S.WITHDRAWN, LAW_KEEPERS, own=True),
        ),
    )
)  # fmt: skip


class PackProposalQuerySet(models.QuerySet["PackProposal"]):
    def visible_to(self, user: User) -> PackProposalQuerySet:
        """Whoever works with the law sees what is proposed."""
        return self.all() if user.has_role(*LAW_READERS) else self.none()


class PackProposal(Noun):
    """The whole text of a pack as it shall read, made from the version `base` that was in force."""

    machine = PACK

    key = models.SlugField(_("规则包"))
    base = models.PositiveIntegerField(_("依据的版本"))
    title = models.CharField(_("名称"), max_length=100)
    content = models.TextField(help_text="JSON as text, as in RegulationPack")
    digest = models.CharField(max_length=64)
    reason = models.CharField(_("理由"), max_length=250)
    state = models.CharField(_("状态"), max_length=10, choices=PackState, default=S.PROPOSED)
    proposed_by = models.ForeignKey(
        User, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(
        User, verbose_name=_("决定人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decision_reason = models.CharField(_("决定的理由"), max_length=250, blank=True)

    objects = PackProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("规则包修改")
        verbose_name_plural = _("规则包修改")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PackState.values), name="pack_proposal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="pack_proposal_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["published", "declined"], decided_by__isnull=False)
                | Q(state__in=["proposed", "withdrawn"], decided_by=None),
                name="pack_proposal_decided",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state="proposed"), name="pack_proposal_open_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def belongs_to(self, user: User) -> bool:
        """Whether this person proposed it."""
        return self.proposed_by_id == user.pk

    def url_for(self, user: User) -> str:
        """The page of the proposal."""
        return reverse("desk:pack_proposal", args=[self.pk])
