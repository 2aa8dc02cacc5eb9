"""A facility's life after registration: pauses, and what was seen in the county's system."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import PAUSE, PauseStatus, StatutoryFilingStatus
from portal.core.models import Noun, User

from .facility import Facility, Membership, StatutoryFiling, withheld_from

P = PauseStatus


class OperatingPauseQuerySet(models.QuerySet["OperatingPause"]):
    def visible_to(self, user: User) -> OperatingPauseQuerySet:
        """Whoever sees the facility's file sees its pauses."""
        return self.filter(facility__in=Facility.objects.visible_to(user).order_by().values("pk"))

    def open(self) -> OperatingPauseQuerySet:
        """Pauses that are announced or under way."""
        return self.filter(state__in=[P.PLANNED, P.RUNNING])


class OperatingPause(Noun):
    """A time without children: the first day, the expected last day, where the children are."""

    machine = PAUSE

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="pauses")
    state = models.CharField(_("状态"), max_length=10, choices=PauseStatus, default=P.PLANNED)
    starts_on = models.DateField(_("暂停第一天"))
    expected_end = models.DateField(_("预计最后一天"))
    reason = models.CharField(_("暂停原因"), max_length=200)
    children = models.PositiveSmallIntegerField(_("在托人数"))
    children_plan = models.CharField(_("孩子的安排"), max_length=300)
    parents_told_on = models.DateField(_("告知家长日期"))
    reported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("报告时间"))
    ended_on = models.DateField(_("恢复运营日期"), null=True)
    note = models.CharField(_("街道备注"), max_length=200, blank=True)
    noted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(null=True)

    objects = OperatingPauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("暂停运营")
        verbose_name_plural = _("暂停运营")
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["state", "starts_on"], name="pause_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["facility"],
                condition=Q(state__in=[P.PLANNED, P.RUNNING]),
                name="pause_one_open",
            ),
            models.CheckConstraint(
                condition=Q(expected_end__gte=F("starts_on")), name="pause_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=PauseStatus.values), name="pause_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=P.ENDED) | Q(ended_on__isnull=False), name="pause_ended_on"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facility}: {self.starts_on}"

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.facility.code

    def belongs_to(self, user: User) -> bool:
        """Whether this person works for the facility."""
        members = Membership.objects.filter(user=user, left_on=None, facility=self.facility_id)
        return members.exists()

    def withholds(self, user: User, right: str) -> bool:
        """Whether the person's part in the facility keeps this right from him."""
        return withheld_from(user, self.facility_id, right)

    def url_for(self, user: User) -> str:
        """The page on which this person works with the pause."""
        if user.is_office:
            return reverse("desk:pause", args=[self.pk])
        return reverse("my:pause", args=[self.pk])


class StatutoryCheck(Noun):
    """One look into the county's system: what stood there on which day, and who looked."""

    mirror = models.ForeignKey(StatutoryFiling, on_delete=models.PROTECT, related_name="checks")
    status = models.CharField(_("备案情况"), max_length=15, choices=StatutoryFilingStatus)
    number = models.CharField(_("备案编号"), max_length=40, blank=True)
    filed_on = models.DateField(_("日期"), null=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    public_link = models.URLField(_("公开链接"), max_length=300, blank=True)
    checked_on = models.DateField(_("核对日期"))
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("备案核对记录")
        verbose_name_plural = _("备案核对记录")
        ordering = ["-checked_on", "-id"]

    def __str__(self) -> str:
        return f"{self.checked_on}: {self.get_status_display()}"
