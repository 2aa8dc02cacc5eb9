"""Two records of one facility: the proposal to keep one, and what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import MERGING, MergeStatus
from portal.core.models import Noun, User
from portal.core.roles import Role

from .facility import Facility

M = MergeStatus


class FacilityMergeQuerySet(models.QuerySet["FacilityMerge"]):
    def visible_to(self, user: User) -> FacilityMergeQuerySet:
        """Those who propose, decide or audit, when both records lie within their reach."""
        communities = user.reach(Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)
        if communities is None:
            return self.all()
        both = Q(source__community__in=communities, target__community__in=communities)
        return self.filter(both)


class FacilityMerge(Noun):
    """`source` is to become part of `target`, whose facts stay as they are."""

    machine = MERGING

    source = models.ForeignKey(
        Facility, verbose_name=_("并入的档案"), on_delete=models.PROTECT, related_name="merges_away"
    )
    target = models.ForeignKey(
        Facility, verbose_name=_("保留的档案"), on_delete=models.PROTECT, related_name="merges_in"
    )
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    state = models.CharField(_("状态"), max_length=10, choices=MergeStatus, default=M.PROPOSED)
    reason = models.TextField(_("合并的理由"))
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("提出时间"))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("审定时间"), null=True)
    decision_reason = models.TextField(_("不予合并的理由"), blank=True)
    # The filings that came over: they tell what was filed, not what the kept record says.
    moved_filings = ArrayField(models.UUIDField(), default=list)

    objects = FacilityMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构合并")
        verbose_name_plural = _("机构合并")
        ordering = ["-proposed_at", "-id"]
        indexes = [models.Index(fields=["state", "proposed_at"], name="merge_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state=M.PROPOSED), name="merge_one_open"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_two_records"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="merge_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[M.DONE, M.DECLINED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="merge_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=M.DECLINED) | ~Q(decision_reason=""), name="merge_declined_why"
            ),
            models.CheckConstraint(condition=Q(state__in=M.values), name="merge_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.target_id}"

    @property
    def party(self) -> str:
        """The code of the record that stays."""
        return self.target.code

    def belongs_to(self, user: User) -> bool:
        """Whether this person proposed it."""
        return bool(self.proposed_by_id == user.pk)

    def url_for(self, user: Any) -> str:
        """Its page at the desk."""
        return reverse("desk:merge", args=[self.pk])
