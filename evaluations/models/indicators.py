"""Versions of the indicators; a round keeps its version for ever."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.workflow import INDICATOR_SET, SetStatus
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import OFFICE_READERS, Method


class IndicatorSetQuerySet(models.QuerySet["IndicatorSet"]):
    def visible_to(self, user: User) -> IndicatorSetQuerySet:
        """The office sees every version, everybody else none: pages show what a round uses."""
        return self if user.has_role(*OFFICE_READERS, Role.COMMUNITY) else self.none()

    def published(self) -> IndicatorSetQuerySet:
        """What a new round may use, the newest first."""
        return self.filter(state=SetStatus.PUBLISHED).order_by("-version")


class IndicatorSet(Noun):
    """One version of the whole tree. Its points add up before anybody may use it."""

    machine = INDICATOR_SET

    version = models.PositiveSmallIntegerField(_("版次"), unique=True)
    title = models.CharField(_("名称"), max_length=80)
    standard = models.CharField(_("依据"), max_length=120, blank=True)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    is_draft_of_ours = models.BooleanField(_("分值为街道草案"), default=False)
    state = models.CharField(_("状态"), max_length=12, choices=SetStatus, default=SetStatus.DRAFT)
    # Empty for the tree that came with the portal.
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("建立时间"))
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("发布时间"), null=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)

    objects = IndicatorSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("指标体系")
        verbose_name_plural = _("指标体系")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SetStatus.values), name="indicatorset_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="indicatorset_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state=SetStatus.DRAFT) | Q(proposed_by__isnull=False),
                name="indicatorset_proposed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[SetStatus.PUBLISHED, SetStatus.RETIRED])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="indicatorset_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:indicator_set", args=[self.version])


class Dimension(Noun):
    """A first-level indicator with the points of the standard."""

    set = models.ForeignKey(IndicatorSet, on_delete=models.CASCADE, related_name="dimensions")
    no = models.PositiveSmallIntegerField(_("序号"))
    name = models.CharField(_("一级指标"), max_length=30)
    points = models.DecimalField(_("分值"), max_digits=6, decimal_places=1)

    class Meta:
        ordering = ["no"]
        verbose_name = _("一级指标")
        verbose_name_plural = _("一级指标")
        constraints = [models.UniqueConstraint(fields=["set", "no"], name="dimension_once")]

    def __str__(self) -> str:
        return self.name


class Indicator(Noun):
    """An item that is scored. `is_veto` marks a basic item (基础标准)."""

    set = models.ForeignKey(IndicatorSet, on_delete=models.CASCADE, related_name="indicators")
    dimension = models.ForeignKey(Dimension, on_delete=models.CASCADE, related_name="indicators")
    position = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(_("条号"), max_length=20)
    group = models.CharField(_("二级指标"), max_length=60, blank=True)
    text = models.CharField(_("指标"), max_length=300)
    max_points = models.DecimalField(_("满分"), max_digits=5, decimal_places=1)
    is_veto = models.BooleanField(_("基础标准"), default=False)
    may_skip = models.BooleanField(_("可不适用"), default=True)
    methods = ArrayField(models.CharField(max_length=15, choices=Method), default=list)

    class Meta:
        ordering = ["position"]
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        constraints = [
            models.UniqueConstraint(fields=["set", "code"], name="indicator_code_once"),
            models.CheckConstraint(condition=Q(max_points__gt=Decimal(0)), name="indicator_points"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def method_labels(self) -> list[str]:
        """The methods in words."""
        return [str(Method(each).label) for each in self.methods]
