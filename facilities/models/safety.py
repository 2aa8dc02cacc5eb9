"""How a facility watches over its rooms: cameras, alarm, guards, fire safety, plans."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import Noun

from .choices import EmergencyPlan, FireManager
from .facility import Facility


class SafetyProfile(Noun):
    """What the facility last reported; empty where its kind is not asked. Never a person's name."""

    facility = models.OneToOneField(Facility, on_delete=models.CASCADE, related_name="safety")
    cameras = models.PositiveSmallIntegerField(_("摄像头数量"), null=True)
    covers_entrance = models.BooleanField(_("覆盖主出入口"), null=True)
    covers_living = models.BooleanField(_("覆盖生活区域"), null=True)
    covers_activity = models.BooleanField(_("覆盖活动区域"), null=True)
    in_private_rooms = models.BooleanField(_("私密处有摄像头"), null=True)
    records_all_day = models.BooleanField(_("24 小时录像"), null=True)
    retention_days = models.PositiveSmallIntegerField(_("录像保存天数"), null=True)
    alarm_armed = models.BooleanField(_("报警装置 24 小时设防"), null=True)
    guards = models.PositiveSmallIntegerField(_("在岗保安人数"), null=True)
    guards_certified = models.PositiveSmallIntegerField(_("持保安员证的人数"), null=True)
    guard_company = models.CharField(_("派驻的保安服务公司"), max_length=60, blank=True)
    fire_manager = models.CharField(
        _("消防安全管理人"), max_length=10, choices=FireManager, blank=True
    )
    smoke_detectors = models.BooleanField(_("烟感报警器"), null=True)
    extinguishers = models.BooleanField(_("灭火器"), null=True)
    plans = ArrayField(
        models.CharField(max_length=20, choices=EmergencyPlan),
        verbose_name=_("应急预案"),
        default=list,
        blank=True,
    )
    drills = models.PositiveSmallIntegerField(_("近 12 个月演练次数"), null=True)
    last_drill_on = models.DateField(_("最近一次演练"), null=True)
    updated_on = models.DateField(_("更新日期"))

    class Meta:
        verbose_name = _("视频监控与安保")
        verbose_name_plural = _("视频监控与安保")
        indexes = [models.Index(fields=["retention_days"], name="safety_retention")]

    def __str__(self) -> str:
        return f"{self.facility}: {self.updated_on}"
