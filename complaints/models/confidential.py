"""Who must keep away from a case, and who was let see who complained (R5, sec:C9, diff:23)."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.workflow import REVEAL, RevealStatus
from facilities.models import Facility
from portal.core.models import Noun, User
from portal.core.roles import Role

from .case import Complaint


class ConfidentialTieQuerySet(models.QuerySet["ConfidentialTie"]):
    def visible_to(self, user: User) -> Self:
        """One's own; the auditor and the approver see all of them."""
        return self if user.has_role(Role.AUDITOR, Role.APPROVER) else self.filter(user=user)


class ConfidentialTie(Noun):
    """A person is close to a facility or to somebody in a case, and does not deal with it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="confidential_ties")
    facility = models.ForeignKey(
        Facility, null=True, on_delete=models.PROTECT, related_name="confidential_ties"
    )
    complaint = models.ForeignKey(
        Complaint, null=True, on_delete=models.PROTECT, related_name="ties"
    )
    reason = models.CharField(_("关系"), max_length=100)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_on = models.DateField(_("申报日期"))
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)

    objects = ConfidentialTieQuerySet.as_manager()

    class Meta:
        verbose_name = _("回避申报")
        verbose_name_plural = _("回避申报")
        constraints = [
            models.CheckConstraint(
                condition=Q(facility=None, complaint__isnull=False)
                | Q(facility__isnull=False, complaint=None),
                name="tie_to_one",
            ),
            models.UniqueConstraint(
                fields=["user", "facility"], condition=Q(ended_on=None, complaint=None),
                name="tie_facility_once",
            ),
            models.UniqueConstraint(
                fields=["user", "complaint"], condition=Q(ended_on=None, facility=None),
                name="tie_case_once",
            ),
            # A tie is easily declared and ends only by somebody else's hand.
            models.CheckConstraint(
                condition=Q(ended_by=None) | ~Q(ended_by=F("user")), name="tie_ended_by_other"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id}: {self.facility_id or self.complaint_id}"


class RevealQuerySet(models.QuerySet["ContactReveal"]):
    def visible_to(self, user: User) -> Self:
        """Whoever sees the case."""
        return self.filter(complaint__in=Complaint.objects.visible_to(user))


class ContactReveal(Noun):
    """One wish to see who complained: asked with a reason, granted by another, used by the fir."""

    machine = REVEAL

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="reveals")
    state = models.CharField(
        _("状态"), max_length=8, choices=RevealStatus, default=RevealStatus.ASKED
    )
    reason = models.CharField(_("查看理由"), max_length=200)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    open_until = models.DateField(null=True)

    objects = RevealQuerySet.as_manager()

    class Meta:
        verbose_name = _("查看联系方式")
        verbose_name_plural = _("查看联系方式")
        ordering = ["-asked_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RevealStatus.values), name="reveal_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="reveal_two"
            ),
            models.CheckConstraint(
                condition=~Q(state=RevealStatus.GRANTED)
                | Q(decided_by__isnull=False, open_until__isnull=False),
                name="reveal_granted_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.state}"

    def belongs_to(self, user: User) -> bool:
        """Only who asked may look."""
        return self.asked_by_id == user.pk

    def url_for(self, user: User) -> str:
        """The page of the case."""
        return reverse("desk:complaint", args=[self.complaint_id])
