"""What a facility checks itself every month."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility, Membership
from inspections.workflow import SELF_CHECK, SelfCheckStatus
from portal.core.models import Noun, User
from portal.core.roles import Role

from .checklist import ChecklistItem, ChecklistVersion
from .choices import OFFICE_READERS, AnswerValue


class SelfCheckQuerySet(models.QuerySet["SelfCheck"]):
    def visible_to(self, user: User) -> SelfCheckQuerySet:
        """The facility's members; the office what was handed in."""
        communities = user.reach(*OFFICE_READERS, Role.COMMUNITY)
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        handed_in = Q(state=SelfCheckStatus.SUBMITTED)
        if communities is not None:
            handed_in &= Q(facility__community__in=communities)
        return self.filter(Q(facility__in=mine) | handed_in)


class SelfCheck(Noun):
    """One month's own check of a facility; `month` is its first day."""

    machine = SELF_CHECK

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="self_checks")
    month = models.DateField(_("月份"))
    checklist = models.ForeignKey(ChecklistVersion, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=10, choices=SelfCheckStatus, default=SelfCheckStatus.OPEN
    )
    started_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    objects = SelfCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]
        verbose_name = _("安全自查")
        verbose_name_plural = _("安全自查")
        constraints = [
            models.UniqueConstraint(fields=["facility", "month"], name="selfcheck_once"),
            models.CheckConstraint(
                condition=~Q(state=SelfCheckStatus.SUBMITTED) | Q(submitted_at__isnull=False),
                name="selfcheck_submitted_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.month:%Y-%m}"

    @property
    def party(self) -> str:
        """The key under which its photos are listed."""
        return self.facility.code

    def url_for(self, user: User) -> str:
        """The page on which this person reads it."""
        if user.is_authenticated and user.is_office:
            return reverse("desk:self_check", args=[self.pk])
        return reverse("my:self_check", args=[self.pk])


class SelfCheckAnswer(Noun):
    """The facility's own answer to one question."""

    check_of = models.ForeignKey(SelfCheck, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(_("结果"), max_length=6, choices=AnswerValue)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    measured = models.CharField(_("数值"), max_length=20, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("自查结果")
        verbose_name_plural = _("自查结果")
        constraints = [
            models.UniqueConstraint(fields=["check_of", "item"], name="selfanswer_once"),
            models.CheckConstraint(
                condition=Q(value__in=AnswerValue.values), name="selfanswer_value_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_value_display()
