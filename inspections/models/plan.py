"""Plans of visits and the draws they lead to."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inspections.workflow import PLAN, InspectionKind, PlanStatus, Selection
from portal.core.models import Noun, OfficialPaper, User

from .checklist import ChecklistVersion
from .choices import OFFICE_READERS, PlanScope, SwapReason


class PlanQuerySet(models.QuerySet["InspectionPlan"]):
    def visible_to(self, user: User) -> PlanQuerySet:
        """The office's readers."""
        return self if user.has_role(*OFFICE_READERS) else self.none()


class InspectionPlan(Noun):
    """Whom to visit within a time, with which list; all in its scope, or a share by lot."""

    machine = PLAN

    number = models.CharField(_("计划编号"), max_length=20, unique=True)
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(_("计划名称"), max_length=60)
    kind = models.CharField(_("检查类型"), max_length=15, choices=InspectionKind)
    selection = models.CharField(_("安排方式"), max_length=10, choices=Selection)
    state = models.CharField(_("状态"), max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    checklist = models.ForeignKey(
        ChecklistVersion, verbose_name=_("检查表"), on_delete=models.PROTECT, related_name="+"
    )
    delegated = models.ForeignKey(
        "inspections.DelegatedItem",
        verbose_name=_("赋权事项"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    lead_department = models.CharField(_("牵头部门"), max_length=60, blank=True)
    partners = ArrayField(
        models.CharField(max_length=60), verbose_name=_("参加部门"), default=list, blank=True
    )
    scope = models.CharField(_("检查范围"), max_length=12, choices=PlanScope, default=PlanScope.ALL)
    scope_values = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    percent = models.PositiveSmallIntegerField(_("抽取比例（%）"), default=100)
    starts_on = models.DateField(_("开始日期"))
    ends_on = models.DateField(_("结束日期"))
    note = models.TextField(_("说明"), blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_on = models.DateField(_("审定日期"), null=True)
    decision_reason = models.CharField(_("退回理由"), max_length=300, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        verbose_name = _("检查计划")
        verbose_name_plural = _("检查计划")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_dates"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="plan_percent"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="plan_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanStatus.IN_FORCE) | Q(approved_by__isnull=False),
                name="plan_in_force_approved",
            ),
            models.CheckConstraint(
                condition=~Q(kind=InspectionKind.ADMINISTRATIVE) | Q(delegated__isnull=False),
                name="plan_administrative_delegated",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=InspectionKind.values), name="plan_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:plan", args=[self.number])


class RandomDrawQuerySet(models.QuerySet["RandomDraw"]):
    def visible_to(self, user: User) -> RandomDrawQuerySet:
        """As its plan."""
        return self.filter(plan__in=InspectionPlan.objects.visible_to(user).values("pk"))


class RandomDraw(Noun):
    """A draw with everything it takes to make it again: seed, lists, exclusions, result.

    The lists are frozen as they were: facility codes with weights, people by their public key.
    """

    plan = models.OneToOneField(InspectionPlan, on_delete=models.PROTECT, related_name="drawing")
    method = models.CharField(max_length=30)
    seed = models.CharField(_("随机种子"), max_length=64)
    facilities = models.JSONField()  # [[code, weight], …]
    excluded = models.JSONField()  # [[code, reason], …]
    people = models.JSONField()  # [user id, …]
    people_excluded = models.JSONField()  # [[user id, reason], …]
    ties = models.JSONField()  # [[user id, code, reason], …]
    wanted = models.PositiveSmallIntegerField(_("抽取家数"))
    team = models.PositiveSmallIntegerField(_("每家人数"))
    result = models.JSONField()  # [[code, [user id, …]], …]
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("抽取时间"))
    paper = models.OneToOneField(
        OfficialPaper, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = RandomDrawQuerySet.as_manager()

    class Meta:
        verbose_name = _("双随机抽取")
        verbose_name_plural = _("双随机抽取")

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.seed[:8]}"

    @property
    def party(self) -> str:
        """A draw belongs to no facility."""
        return ""

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:draw", args=[self.plan.number])


class DrawReplacement(Noun):
    """A person who was drawn and did not go, and who went instead: recusal or illness only."""

    drawing = models.ForeignKey(RandomDraw, on_delete=models.PROTECT, related_name="replacements")
    inspection = models.ForeignKey(
        "inspections.Inspection", on_delete=models.PROTECT, related_name="replacements"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    instead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("原因"), max_length=10, choices=SwapReason)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("替换检查人员")
        verbose_name_plural = _("替换检查人员")
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("instead")), name="replacement_other"),
            models.CheckConstraint(
                condition=Q(reason__in=SwapReason.values), name="replacement_reason_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
