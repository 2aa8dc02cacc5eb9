"""Who may inspect what: enforcement certificates, ties, and delegated matters with their dates."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from inspections.workflow import DELEGATION, DelegationStatus
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import OFFICE_READERS, TieKind


class CertificateQuerySet(models.QuerySet["EnforcementCertificate"]):
    def visible_to(self, user: User) -> CertificateQuerySet:
        """The office's readers; everybody his own."""
        return self if user.has_role(*OFFICE_READERS) else self.filter(user=user)

    def valid(self, on: dt.date) -> CertificateQuerySet:
        """Those that may be shown on the day."""
        return self.filter(valid_from__lte=on, valid_until__gte=on, revoked_on=None)


class EnforcementCertificate(Noun):
    """A person's administrative enforcement certificate (行政执法证)."""

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="enforcement_certificates"
    )
    number = models.CharField(_("证号"), max_length=40, unique=True)
    issuer = models.CharField(_("发证机关"), max_length=60)
    valid_from = models.DateField(_("起始日期"))
    valid_until = models.DateField(_("有效期至"))
    revoked_on = models.DateField(_("收回日期"), null=True, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_until", "number"]
        verbose_name = _("行政执法证")
        verbose_name_plural = _("行政执法证")
        indexes = [models.Index(fields=["user", "valid_until"], name="enforcement_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="enforcement_dates"
            )
        ]

    def __str__(self) -> str:
        return self.number


class InspectorTieQuerySet(models.QuerySet["InspectorTie"]):
    def visible_to(self, user: User) -> InspectorTieQuerySet:
        """Whoever sends people out, and everybody his own."""
        if user.has_role(Role.CLERK, Role.APPROVER, Role.AUDITOR):
            return self
        return self.filter(user=user)

    def standing(self) -> InspectorTieQuerySet:
        """Those that keep a person away now."""
        return self.filter(ended_on=None)


class InspectorTie(Noun):
    """A declared tie of a person to a facility: he is neither drawn for it nor sent to it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inspector_ties")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="inspector_ties")
    kind = models.CharField(_("关系"), max_length=10, choices=TieKind)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    declared_on = models.DateField(_("申报日期"))
    ended_on = models.DateField(_("解除日期"), null=True)

    objects = InspectorTieQuerySet.as_manager()

    class Meta:
        ordering = ["-declared_on", "-id"]
        verbose_name = _("回避关系")
        verbose_name_plural = _("回避关系")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "facility"], condition=Q(ended_on=None), name="tie_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"


class DelegatedItemQuerySet(models.QuerySet["DelegatedItem"]):
    def visible_to(self, user: User) -> DelegatedItemQuerySet:
        """The office."""
        return self if user.has_role(*OFFICE_READERS) else self.none()

    def in_force(self, on: dt.date) -> DelegatedItemQuerySet:
        """Confirmed by a second person, and the day within its dates."""
        return self.filter(
            Q(valid_to=None) | Q(valid_to__gte=on),
            state=DelegationStatus.CONFIRMED,
            valid_from__lte=on,
        )


class DelegatedItem(Noun):
    """A matter the street may inspect and order about in its own name (赋权事项), with dates."""

    machine = DELEGATION

    code = models.SlugField(_("代号"))
    name = models.CharField(_("事项名称"), max_length=120)
    basis = models.CharField(_("法律依据"), max_length=200, blank=True)
    penalty_basis = models.CharField(_("罚则"), max_length=200, blank=True)
    source_number = models.CharField(_("赋权文件"), max_length=80)
    department = models.SlugField(_("原主管部门"), blank=True)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("截止日期"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=DelegationStatus, default=DelegationStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_on = models.DateField(_("确认日期"), null=True)
    end_reason = models.CharField(_("停用原因"), max_length=200, blank=True)

    objects = DelegatedItemQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-valid_from"]
        verbose_name = _("赋权事项")
        verbose_name_plural = _("赋权事项")
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="delegated_once"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="delegated_dates",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="delegated_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=DelegationStatus.CONFIRMED)
                | Q(confirmed_by__isnull=False, confirmed_on__isnull=False),
                name="delegated_confirmed_by",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def url_for(self, user: User) -> str:
        """The list in which it stands."""
        return reverse("desk:delegated")


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def visible_to(self, user: User) -> CalendarAddressQuerySet:
        """Everybody his own, nobody else's."""
        return self.filter(user=user)


class CalendarAddress(Noun):
    """A secret address under which a calendar program reads one person's visits.

    Only the fingerprint of the secret is kept: who reads the database cannot read the calendar.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_address")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("生成时间"))

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        verbose_name = _("日历订阅地址")
        verbose_name_plural = _("日历订阅地址")

    def __str__(self) -> str:
        return str(self.user_id)
