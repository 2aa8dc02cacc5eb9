"""A visit of any kind: who goes where and when, what was seen, and who signed."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.models import Facility, Membership, StaffMember
from facilities.models.choices import ClassType
from inspections.workflow import (
    DONE,
    INSPECTION,
    InspectionKind,
    InspectionResult,
    InspectionStatus,
    Selection,
)
from portal.core.models import Attachment, Noun, User
from portal.core.models.publication import register_kind
from portal.core.roles import Role

from .checklist import ChecklistItem, ChecklistVersion
from .choices import OFFICE_READERS, Access, AnswerValue, SignerRole
from .people import DelegatedItem, EnforcementCertificate
from .plan import InspectionPlan, RandomDraw

S = InspectionStatus
RESULT_NOTICE = "inspection"
# What the public reads: results of visits that are over.
register_kind(
    RESULT_NOTICE,
    _("检查结果"),
    list_name="public:disclosure_inspections",
    holds=lambda inspection: inspection.state in DONE,
)


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def visible_to(self, user: User) -> InspectionQuerySet:
        """The office all, a community its own, the team its own, a facility what is completed."""
        communities = user.reach(*OFFICE_READERS, Role.COMMUNITY)
        if communities is None:
            return self.all()
        own = InspectionMember.objects.filter(user=user).values("inspection")
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        return self.filter(
            Q(facility__community__in=communities)
            | Q(pk__in=own)
            | Q(facility__in=mine, state__in=DONE)
        )

    def done(self) -> InspectionQuerySet:
        """Those that have been carried out."""
        return self.filter(state__in=DONE)

    def came_in(self) -> InspectionQuerySet:
        """Those of them on which somebody came in: a closed door is no visit to the children."""
        return self.done().filter(access=Access.GRANTED)


class Inspection(Noun):
    """One visit. `trigger_key` says to the office what called for it; nobody else sees it (R14)."""

    machine = INSPECTION
    shown_with = ("facility", "checklist__checklist")

    number = models.CharField(_("检查编号"), max_length=20, unique=True)
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(_("检查类型"), max_length=15, choices=InspectionKind)
    selection = models.CharField(_("安排方式"), max_length=10, choices=Selection)
    state = models.CharField(_("状态"), max_length=20, choices=InspectionStatus, default=S.PLANNED)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="inspections")
    checklist = models.ForeignKey(
        ChecklistVersion, verbose_name=_("检查表"), on_delete=models.PROTECT, related_name="+"
    )
    # Items of other lists that came along because a short one failed.
    extra_items = models.ManyToManyField(ChecklistItem, related_name="+", blank=True)
    plan = models.ForeignKey(
        InspectionPlan, null=True, on_delete=models.PROTECT, related_name="inspections"
    )
    drawing = models.ForeignKey(
        RandomDraw, null=True, on_delete=models.PROTECT, related_name="inspections"
    )
    delegated = models.ForeignKey(
        DelegatedItem,
        verbose_name=_("赋权事项"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    trigger_key = models.CharField(max_length=80, blank=True)
    assignment_note = models.TextField(_("内部任务说明"), blank=True)
    is_urgent = models.BooleanField(_("紧急"), default=False)
    is_announced = models.BooleanField(_("事先通知"), default=False)
    planned_on = models.DateField(_("计划日期"))
    due_on = models.DateField(_("最迟日期"))
    # Of a joint inspection, by the names they have on the day: a paper reads so for ever.
    lead_department = models.CharField(_("牵头部门"), max_length=60, blank=True)
    partners = ArrayField(
        models.CharField(max_length=60), verbose_name=_("参加部门"), default=list, blank=True
    )
    counts_towards_cap = models.BooleanField(default=False, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_on = models.DateField(_("审批日期"), null=True)
    decision_reason = models.CharField(_("退回或取消的原因"), max_length=300, blank=True)

    # On site
    access = models.CharField(_("到场情况"), max_length=15, choices=Access, blank=True)
    access_note = models.CharField(_("到场说明"), max_length=300, blank=True)
    certificate_shown = models.BooleanField(_("已出示证件并告知权利"), default=False)
    attendant = models.CharField(_("机构在场人员"), max_length=40, blank=True)
    attendant_post = models.CharField(_("职务"), max_length=40, blank=True)
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=8, decimal_places=5, null=True)
    started_at = models.DateTimeField(_("开始时间"), null=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True)
    remarks = models.TextField(_("现场情况"), blank=True)
    result = models.CharField(_("检查结果"), max_length=16, choices=InspectionResult, blank=True)
    statement = models.TextField(_("机构意见"), blank=True)
    signing_refused = models.BooleanField(_("机构拒绝签字"), default=False)
    refusal_note = models.CharField(_("拒签情况"), max_length=300, blank=True)
    completed_at = models.DateTimeField(_("完成时间"), null=True)
    completed_on = models.DateField(_("完成日期"), null=True)
    published_on = models.DateField(_("公示日期"), null=True)
    # The facility's side
    acknowledged_at = models.DateTimeField(_("签收时间"), null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    objection = models.TextField(_("异议"), blank=True)
    objected_at = models.DateTimeField(_("提出异议时间"), null=True)
    objection_answer = models.TextField(_("异议答复"), blank=True)
    objection_answered_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = InspectionQuerySet.as_manager()

    class Meta:
        ordering = ["-planned_on", "-id"]
        verbose_name = _("检查")
        verbose_name_plural = _("检查")
        indexes = [
            models.Index(fields=["state", "planned_on", "id"], name="inspection_queue"),
            models.Index(fields=["facility", "-completed_on"], name="inspection_of_facility"),
            models.Index(fields=["kind", "-planned_on"], name="inspection_kind"),
            models.Index(fields=["-completed_on", "-id"], name="inspection_newest"),
            models.Index(fields=["plan", "state"], name="inspection_of_plan"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["trigger_key"],
                condition=~Q(trigger_key=""),
                name="inspection_trigger_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=InspectionStatus.values), name="inspection_state_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=InspectionKind.values), name="inspection_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="inspection_two_persons",
            ),
            # What the street may not do: go as an authority without a matter and an approval.
            models.CheckConstraint(
                condition=~Q(kind=InspectionKind.ADMINISTRATIVE)
                | Q(state__in=[S.PLANNED, S.CANCELLED])
                | Q(delegated__isnull=False),
                name="inspection_administrative_delegated",
            ),
            models.CheckConstraint(
                condition=~Q(kind=InspectionKind.ADMINISTRATIVE)
                | Q(state__in=[S.PLANNED, S.AWAITING_APPROVAL, S.CANCELLED])
                | Q(approved_by__isnull=False),
                name="inspection_administrative_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(DONE))
                | (Q(completed_on__isnull=False) & ~Q(result="") & ~Q(access="")),
                name="inspection_done_has_result",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="inspection_whole_point",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def party(self) -> str:
        """The key under which papers and photos are listed."""
        return self.facility.code

    @property
    def is_done(self) -> bool:
        """Whether it has been carried out."""
        return self.state in DONE

    def belongs_to(self, user: User) -> bool:
        """Whether this person is one of those who go."""
        return self.members.filter(user=user, left_at=None).exists()

    def url_for(self, user: User) -> str:
        """The page on which this person works with it."""
        if user.is_authenticated and user.is_office:
            return reverse("desk:inspection", args=[self.number])
        return reverse("my:inspection", args=[self.number])


class InspectionApprovalQuerySet(models.QuerySet["InspectionApproval"]):
    def visible_to(self, user: User) -> InspectionApprovalQuerySet:
        """The office; the sheet that hangs on an approval is not the facility's."""
        return self if user.has_role(*OFFICE_READERS) else self.none()


class InspectionApproval(Noun):
    """That an administrative inspection was let go, each time anew when its team changed."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="approvals")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    objects = InspectionApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["-approved_at", "-id"]
        verbose_name = _("行政检查审批")
        verbose_name_plural = _("行政检查审批")
        constraints = [
            models.CheckConstraint(
                condition=~Q(approved_by=F("proposed_by")), name="approval_two_persons"
            )
        ]

    def __str__(self) -> str:
        return str(self.inspection_id)

    def url_for(self, user: User) -> str:
        """The page of its visit."""
        return self.inspection.url_for(user)


class InspectionMember(Noun):
    """One of the people who go, with the certificate that was valid when he was sent."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="inspection_places")
    certificate = models.ForeignKey(
        EnforcementCertificate, null=True, on_delete=models.PROTECT, related_name="+"
    )
    position = models.PositiveSmallIntegerField(default=1)
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("检查人员")
        verbose_name_plural = _("检查人员")
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "user"],
                condition=Q(left_at=None),
                name="inspection_member_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class InspectionAnswer(Noun):
    """The answer to one question; saved as it is given, the same token changes nothing again.

    `given_at` is the time on the phone: an answer that waited in the queue does not overwrite one
    that was given after it.
    """

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(_("结果"), max_length=6, choices=AnswerValue)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    measured = models.CharField(_("数值"), max_length=20, blank=True)
    client_token = models.UUIDField(null=True)
    given_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("检查项目结果")
        verbose_name_plural = _("检查项目结果")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "item"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(value__in=AnswerValue.values), name="answer_value_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_value_display()


class HeadCount(Noun):
    """What was counted in one class: numbers only, never a name (D12)."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="head_counts")
    label = models.CharField(_("班级"), max_length=30)
    class_type = models.CharField(_("班型"), max_length=10, choices=ClassType)
    children = models.PositiveSmallIntegerField(_("在场人数"))
    carers = models.PositiveSmallIntegerField(_("在场保育人员"))
    needed = models.PositiveSmallIntegerField(_("应有保育人员"), null=True)

    class Meta:
        ordering = ["label"]
        verbose_name = _("现场点名")
        verbose_name_plural = _("现场点名")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "label"], name="headcount_once")
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.children}/{self.carers}"


class StaffSample(Noun):
    """One person whose papers were looked at."""

    inspection = models.ForeignKey(
        Inspection, on_delete=models.CASCADE, related_name="staff_samples"
    )
    member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    is_in_order = models.BooleanField(_("材料齐全有效"))
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("人员材料抽查")
        verbose_name_plural = _("人员材料抽查")
        constraints = [
            models.UniqueConstraint(fields=["inspection", "member"], name="staffsample_once")
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class InspectionSignature(Noun):
    """A name drawn by finger under the record: the picture is an attachment of the visit."""

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="signatures")
    role = models.CharField(_("签字人"), max_length=10, choices=SignerRole)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    signer = models.CharField(_("姓名或岗位"), max_length=40)
    picture = models.ForeignKey(Attachment, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at", "id"]
        verbose_name = _("签字")
        verbose_name_plural = _("签字")
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "role", "user"],
                nulls_distinct=False,
                name="signature_once",
            ),
            models.CheckConstraint(
                condition=~Q(role=SignerRole.INSPECTOR) | Q(user__isnull=False),
                name="signature_inspector_is_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.signer
