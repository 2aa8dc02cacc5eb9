"""Facts that count for the office's risk class, and the class itself. Never published."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility
from inspections.workflow import Severity
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import RiskClass, RiskKind

RISK_READERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR, Role.LEADER, Role.AUDITOR)


class RiskFactQuerySet(models.QuerySet["RiskFact"]):
    def visible_to(self, user: User) -> RiskFactQuerySet:
        """The office; never a community, never the facility."""
        return self if user.has_role(*RISK_READERS) else self.none()

    def standing(self) -> RiskFactQuerySet:
        """Those nobody has struck."""
        return self.filter(struck_at=None)


class RiskFact(Noun):
    """Something that counts: kind, severity, day, expiry. Where it comes from is not kept (R26).

    `once` is a fingerprint that lets the same thing be told twice and count once.
    """

    shown_with = ("facility",)

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="risk_facts")
    kind = models.CharField(_("情况"), max_length=12, choices=RiskKind)
    severity = models.CharField(_("严重程度"), max_length=10, choices=Severity)
    day = models.DateField(_("日期"))
    expires_on = models.DateField(_("计到"), null=True)
    # Noted by a person at the desk, who may strike it again; all others are told by a part of it.
    by_hand = models.BooleanField(default=False)
    struck_at = models.DateTimeField(null=True)
    once = models.CharField(max_length=64, unique=True, null=True)  # ruff: ignore[django-nullable-model-string-field]

    objects = RiskFactQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-id"]
        verbose_name = _("风险情况")
        verbose_name_plural = _("风险情况")
        indexes = [models.Index(fields=["facility", "-day"], name="riskfact_of_facility")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RiskKind.values), name="riskfact_kind"),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="riskfact_severity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"

    def url_for(self, user: User) -> str:
        """The page of the class, where it stands among the reasons."""
        return reverse("desk:facility_risk", args=[self.facility.code])


class FacilityRiskQuerySet(models.QuerySet["FacilityRisk"]):
    def visible_to(self, user: User) -> FacilityRiskQuerySet:
        """The office; never a community, never the facility."""
        return self if user.has_role(*RISK_READERS) else self.none()


class FacilityRisk(Noun):
    """The class of a facility as last computed, kept so that lists can filter by it."""

    facility = models.OneToOneField(Facility, on_delete=models.CASCADE, related_name="risk")
    points = models.PositiveSmallIntegerField(_("分数"))
    risk_class = models.CharField(_("风险等级"), max_length=6, choices=RiskClass)
    held_high = models.BooleanField(default=False)
    computed_on = models.DateField(_("计算日期"))
    law_version = models.CharField(max_length=64)
    last_visit_on = models.DateField(_("上次走访"), null=True)
    next_due_on = models.DateField(_("下次走访最迟"))
    spike_on = models.DateField(null=True)

    objects = FacilityRiskQuerySet.as_manager()

    class Meta:
        ordering = ["points", "facility"]
        verbose_name = _("风险等级")
        verbose_name_plural = _("风险等级")
        indexes = [
            models.Index(fields=["risk_class", "points"], name="risk_class_points"),
            models.Index(fields=["next_due_on"], name="risk_due"),
        ]

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.get_risk_class_display()}"


class RiskExplanationQuerySet(models.QuerySet["RiskExplanation"]):
    def visible_to(self, user: User) -> RiskExplanationQuerySet:
        """The office; never a community, never the facility."""
        return self if user.has_role(*RISK_READERS) else self.none()

    def standing(self) -> RiskExplanationQuerySet:
        """Those that hold: class and grade are as they were."""
        return self.filter(ended_at=None)


class RiskExplanation(Noun):
    """Why class and public grade may say opposite things; it holds until one of them changes."""

    facility = models.ForeignKey(
        Facility, on_delete=models.CASCADE, related_name="risk_explanations"
    )
    risk_class = models.CharField(_("风险等级"), max_length=6, choices=RiskClass)
    grade = models.CharField(_("质量评估等级"), max_length=1)
    grade_version = models.PositiveSmallIntegerField(_("等级版次"), default=0)
    words = models.CharField(_("说明"), max_length=500)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = RiskExplanationQuerySet.as_manager()

    class Meta:
        ordering = ["-written_at", "-id"]
        verbose_name = _("风险与等级相反的说明")
        verbose_name_plural = _("风险与等级相反的说明")
        constraints = [
            models.UniqueConstraint(
                fields=["facility"], condition=Q(ended_at=None), name="explanation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility_id}: {self.risk_class} {self.grade}"
