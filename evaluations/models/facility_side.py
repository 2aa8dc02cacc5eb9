"""What the facility gives: its own assessment, remarks on facts, objection, reply, plan."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.workflow import (
    OBJECTION,
    OPEN_OBJECTIONS,
    PLAN,
    SELF,
    ObjectionStatus,
    PlanStatus,
    SelfStatus,
)
from facilities.models import Membership
from facilities.models.facility import withheld_from
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import OFFICE_READERS
from .committee import PanelMember
from .indicators import Indicator
from .rounds import Evaluation

EDITOR_MAY = frozenset({"selfassessment.edit"})


class BesideQuerySet(models.QuerySet[Any]):
    """Rows that belong to an evaluation and are seen with it."""

    def visible_to(self, user: User) -> BesideQuerySet:
        """Whoever sees the evaluation sees what the facility gave to it."""
        return self.filter(
            evaluation__in=Evaluation.objects.visible_to(user).order_by().values("pk")
        )


class OfEvaluation(Noun):
    """What hangs on an evaluation; whose facility it is may work with it."""

    evaluation: models.ForeignKey[Evaluation, Evaluation]
    shown_with = ("evaluation__round", "evaluation__facility")

    class Meta:
        abstract = True

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.evaluation.facility.code

    def belongs_to(self, user: User) -> bool:
        """Whether the person works for the facility."""
        return self.evaluation.belongs_to(user)

    def withholds(self, user: User, right: str) -> bool:
        """An editor fills in; what binds the facility is its manager's."""
        return right not in EDITOR_MAY and withheld_from(user, self.evaluation.facility_id, right)

    def url_for(self, user: User) -> str:
        """Where this person works with the evaluation."""
        return self.evaluation.url_for(user)


class SelfAssessment(OfEvaluation):
    """The facility's own view; what it once handed in is offered, never asked for twice."""

    machine = SELF

    evaluation = models.OneToOneField(
        Evaluation, on_delete=models.PROTECT, related_name="self_assessment"
    )
    state = models.CharField(_("状态"), max_length=10, choices=SelfStatus, default=SelfStatus.DRAFT)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(_("保存时间"), null=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    signature = models.CharField(_("署名"), max_length=40, blank=True)

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("质量自评")
        verbose_name_plural = _("质量自评")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SelfStatus.values), name="self_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=SelfStatus.SUBMITTED)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="self_submitted_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}"


class SelfItemQuerySet(models.QuerySet["SelfItem"]):
    def visible_to(self, user: User) -> SelfItemQuerySet:
        """Whoever may read the assessment: files hang on its items, with addresses of their own.

        A member of the panel pledges before anything else.
        """
        seen = Evaluation.objects.open_to(user).order_by().values("pk")
        return self.filter(assessment__evaluation__in=seen)


class SelfItem(Noun):
    """One item of it. Files hang on it; `certificates` are papers the register holds already."""

    assessment = models.ForeignKey(SelfAssessment, on_delete=models.CASCADE, related_name="items")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(_("自评得分"), max_digits=5, decimal_places=1, null=True)
    is_met = models.BooleanField(_("符合基础标准"), null=True)
    text = models.TextField(_("说明"), blank=True)
    certificates = ArrayField(models.UUIDField(), default=list, blank=True)

    objects = SelfItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("自评项目")
        verbose_name_plural = _("自评项目")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "indicator"], name="self_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.points}"

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.assessment.evaluation.facility.code


class FactRemark(OfEvaluation):
    """A fact in the draft that the facility says is wrong, and the office's answer."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="remarks")
    indicator = models.ForeignKey(Indicator, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("与事实不符之处"))
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(_("提出时间"))
    answer = models.TextField(_("答复"), blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("事实核对")
        verbose_name_plural = _("事实核对")
        ordering = ["told_at", "id"]

    def __str__(self) -> str:
        return f"{self.evaluation_id}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, user: User) -> ObjectionQuerySet:
        """The office, the facility, and the members drawn to review it; not those who scored."""
        if user.has_role(*OFFICE_READERS):
            seen = Evaluation.objects.visible_to(user).order_by().values("pk")
            return self.filter(evaluation__in=seen)
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        reviews = PanelMember.objects.filter(
            panel__objection__isnull=False, evaluator__user=user
        ).values("panel__objection")
        return self.filter(Q(evaluation__facility__in=mine) | Q(pk__in=reviews))

    def open(self) -> ObjectionQuerySet:
        """Those without an answer."""
        return self.filter(state__in=OPEN_OBJECTIONS)


class Objection(Noun):
    """A facility does not agree with its announced result; other members look at it again."""

    machine = OBJECTION
    shown_with = ("evaluation__round", "evaluation__facility")

    number = models.CharField(_("异议编号"), max_length=20, unique=True)
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="objections")
    state = models.CharField(
        _("状态"), max_length=10, choices=ObjectionStatus, default=ObjectionStatus.FILED
    )
    text = models.TextField(_("异议和理由"))
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    filed_on = models.DateField(_("提出日期"))
    due_on = models.DateField(_("答复期限"))
    answer = models.TextField(_("复核意见"), blank=True)
    # The items the review changes: code -> points (and whether a basic item is met) with reason.
    amendments = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_on = models.DateField(_("答复日期"), null=True)
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-filed_on", "-id"]
        indexes = [models.Index(fields=["state", "due_on"], name="objection_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation"], condition=Q(state__in=sorted(OPEN_OBJECTIONS)),
                name="objection_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="objection_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ObjectionStatus.UPHELD, ObjectionStatus.REJECTED])
                | (Q(decided_by__isnull=False, decided_on__isnull=False) & ~Q(answer="")),
                name="objection_answered",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.evaluation.facility.code

    def belongs_to(self, user: User) -> bool:
        """Whether this person leads the review."""
        return PanelMember.objects.filter(
            panel__objection=self, evaluator__user=user, is_leader=True
        ).exists()

    def url_for(self, user: User) -> str:
        """The page on which this person works with it."""
        if user.is_office:
            return reverse("desk:objection", args=[self.number])
        if user.has_role(Role.EVALUATOR):
            return reverse("panel:home")
        return reverse("my:evaluations")


class FacilityReply(OfEvaluation):
    """What the facility says beside its published result: once, short, through the gate."""

    evaluation = models.OneToOneField(Evaluation, on_delete=models.PROTECT, related_name="reply")
    text = models.CharField(_("机构回应"), max_length=300)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(_("提交时间"))

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构回应")
        verbose_name_plural = _("机构回应")

    def __str__(self) -> str:
        return f"{self.evaluation_id}"


class ImprovementPlan(OfEvaluation):
    """What a facility graded C or D will do by when; then it may ask to be rated anew."""

    machine = PLAN

    evaluation = models.OneToOneField(Evaluation, on_delete=models.PROTECT, related_name="plan")
    state = models.CharField(_("状态"), max_length=10, choices=PlanStatus, default=PlanStatus.DUE)
    due_on = models.DateField(_("提交期限"))
    measures = models.TextField(_("改进措施和时限"), blank=True)
    finish_on = models.DateField(_("计划完成日期"), null=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)
    results = models.TextField(_("改进结果"), blank=True)
    done_on = models.DateField(_("完成日期"), null=True)
    # The round the request to be rated anew led to.
    again = models.ForeignKey(
        "evaluations.EvaluationRound", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = BesideQuerySet.as_manager()

    class Meta:
        verbose_name = _("改进计划")
        verbose_name_plural = _("改进计划")
        indexes = [models.Index(fields=["state", "due_on"], name="plan_queue")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PlanStatus.values), name="plan_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=PlanStatus.DUE)
                | (~Q(measures="") & Q(submitted_at__isnull=False)),
                name="plan_says_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}"


class DueEvaluation(Noun):
    """A facility is to be evaluated again by a day: one row a reason and day, made by the calendar.

    `round` names the round that takes it up.
    """

    facility = models.ForeignKey(
        "facilities.Facility", on_delete=models.CASCADE, related_name="due_evaluations"
    )
    why = models.CharField(_("原因"), max_length=10)
    due_on = models.DateField(_("应评日期"))
    round = models.ForeignKey(
        "evaluations.EvaluationRound", null=True, on_delete=models.SET_NULL, related_name="taken_up"
    )

    class Meta:
        verbose_name = _("应评机构")
        verbose_name_plural = _("应评机构")
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "why", "due_on"], name="due_once")
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.due_on}"

    def url_for(self, user: User) -> str:
        """The list of rounds."""
        return reverse("desk:evaluations")
