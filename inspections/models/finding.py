"""A finding and everything that was done about it until it was closed."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.models import Department, Facility, Membership, Transfer
from inspections.workflow import FINDING, NOT_OVER, TO_CORRECT, FindingStatus, Severity
from portal.core.models import Noun, User
from portal.core.models.publication import register_kind
from portal.core.roles import Role

from .checklist import ChecklistItem
from .choices import OFFICE_READERS
from .inspection import Inspection
from .people import DelegatedItem

S = FindingStatus
OVERDUE_NOTICE = "rectification"
register_kind(
    OVERDUE_NOTICE,
    _("整改公示"),
    list_name="public:disclosure_rectifications",
    holds=lambda finding: finding.state in NOT_OVER,
)


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> FindingQuerySet:
        """The office all, a community its own, a facility what was handed over to it."""
        communities = user.reach(*OFFICE_READERS, Role.COMMUNITY)
        if communities is None:
            return self.all()
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        return self.filter(
            Q(facility__community__in=communities) | Q(facility__in=mine, issued_on__isnull=False)
        )

    def issued(self) -> FindingQuerySet:
        """Those of visits that are over: before, they are the inspector's notes."""
        return self.filter(issued_on__isnull=False)

    def not_over(self) -> FindingQuerySet:
        """Issued and not closed, nor with another authority."""
        return self.issued().filter(state__in=NOT_OVER)

    def overdue(self, day: dt.date) -> FindingQuerySet:
        """Which the facility should have put right before `day`."""
        return self.issued().filter(state__in=TO_CORRECT, due_on__lt=day)


class Finding(Noun):
    """Something that is not as it should be. `number` and `issued_on` come with the completion."""

    machine = FINDING
    shown_with = ("facility", "inspection")

    number = models.CharField(_("问题编号"), max_length=20, blank=True)
    state = models.CharField(_("状态"), max_length=12, choices=FindingStatus, default=S.OPEN)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="findings")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="findings")
    item = models.ForeignKey(ChecklistItem, null=True, on_delete=models.PROTECT, related_name="+")
    item_code = models.CharField(_("项目编号"), max_length=10, blank=True)
    area = models.CharField(_("领域"), max_length=40, blank=True)
    text = models.CharField(_("问题描述"), max_length=500)
    requirement = models.CharField(_("整改要求"), max_length=500, blank=True)
    severity = models.CharField(_("严重程度"), max_length=10, choices=Severity)
    departments = models.JSONField(default=list)
    delegated = models.ForeignKey(
        DelegatedItem, null=True, on_delete=models.PROTECT, related_name="+"
    )
    fixed_on_site = models.BooleanField(_("当场改正"), default=False)
    is_ordered = models.BooleanField(_("责令改正"), default=False)
    due_on = models.DateField(_("整改期限"))
    first_due_on = models.DateField(_("原整改期限"))
    issued_on = models.DateField(_("告知日期"), null=True)
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    repeat_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="repeats"
    )
    # The facility's side
    measure = models.TextField(_("整改措施"), blank=True)
    done_on = models.DateField(_("整改完成日期"), null=True)
    reported_at = models.DateTimeField(_("反馈时间"), null=True)
    reported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recheck_due_on = models.DateField(_("复查期限"), null=True)
    extension_reason = models.CharField(_("申请延期的原因"), max_length=300, blank=True)
    extension_asked_on = models.DateField(_("申请延期日期"), null=True)
    extension_until = models.DateField(_("申请延至"), null=True)
    extended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    extended_on = models.DateField(_("批准延期日期"), null=True)
    extension_refusal = models.CharField(_("不同意延期的原因"), max_length=300, blank=True)
    dispute = models.TextField(_("申诉理由"), blank=True)
    annulled = models.BooleanField(_("申诉成立，予以撤销"), default=False)
    dispute_answer = models.TextField(_("申诉答复"), blank=True)
    # The end
    returns = models.PositiveSmallIntegerField(_("退回次数"), default=0)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(_("销号日期"), null=True)
    close_note = models.CharField(_("复查意见"), max_length=500, blank=True)
    closed_on_paper = models.BooleanField(_("书面复查"), default=False)
    transfer = models.ForeignKey(
        Transfer, null=True, on_delete=models.PROTECT, related_name="findings"
    )
    transferred_to = models.ForeignKey(
        Department, null=True, on_delete=models.PROTECT, related_name="+"
    )
    escalation = models.PositiveSmallIntegerField(_("升级"), default=0)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("问题")
        verbose_name_plural = _("问题")
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="finding_queue"),
            models.Index(fields=["facility", "state", "due_on"], name="finding_of_facility"),
            models.Index(fields=["severity", "state", "due_on"], name="finding_severity"),
            models.Index(fields=["facility", "item_code", "-issued_on"], name="finding_repeat"),
            models.Index(fields=["inspection"], name="finding_of_inspection"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="finding_number_once"
            ),
            models.UniqueConstraint(
                fields=["inspection", "item"],
                condition=Q(item__isnull=False),
                name="finding_item_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FindingStatus.values), name="finding_state_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="finding_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(issued_on=None) | ~Q(number=""), name="finding_issued_number"
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CLOSED) | Q(closed_on__isnull=False),
                name="finding_closed_when",
            ),
            # A grave one is closed by another person than the one who found it (R5).
            models.CheckConstraint(
                condition=~Q(severity=Severity.CRITICAL)
                | Q(closed_by=None)
                | ~Q(closed_by=F("found_by")),
                name="finding_critical_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.TRANSFERRED) | Q(transferred_to__isnull=False),
                name="finding_transferred_where",
            ),
            # An order is about a delegated matter, and never follows a mere visit.
            models.CheckConstraint(
                condition=Q(is_ordered=False) | Q(delegated__isnull=False),
                name="finding_order_delegated",
            ),
            models.CheckConstraint(
                condition=Q(extended_on=None) | Q(extension_asked_on__isnull=False),
                name="finding_extension_asked",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.item_code

    @property
    def party(self) -> str:
        """The key under which papers and photos are listed."""
        return self.facility.code

    @property
    def was_extended(self) -> bool:
        """Whether more time was granted."""
        return self.extended_on is not None

    def admits_again(self, user: User, name: str, same: list[str]) -> bool:
        """Whoever found a lesser one may look at it again himself."""
        return name in {"close", "return", "settle"} and self.severity != Severity.CRITICAL

    def may_be_named(self, day: dt.date) -> bool:
        """Whether it may be put before the public: a grave one, or a late one."""
        late = self.state in TO_CORRECT and self.due_on < day
        return self.state in NOT_OVER and (late or self.severity == Severity.CRITICAL)

    def days_late(self, day: dt.date) -> int:
        """By how many days the facility is late; 0 when it is not."""
        return max(0, (day - self.due_on).days) if self.state in TO_CORRECT else 0

    def url_for(self, user: User) -> str:
        """The page on which this person works with it."""
        if user.is_authenticated and user.is_office:
            return reverse("desk:finding", args=[self.number])
        return reverse("my:finding", args=[self.number])


class FindingStepQuerySet(models.QuerySet["FindingStep"]):
    def visible_to(self, user: User) -> FindingStepQuerySet:
        """The office; what hangs on a step (a letter to an authority) is not the facility's."""
        return self if user.has_role(*OFFICE_READERS) else self.none()


class FindingStep(Noun):
    """What was done about a finding; the timeline of its page, the facility's part of it too."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=20)
    text = models.CharField(max_length=300, blank=True)
    note = models.TextField(_("说明"), blank=True)
    is_internal = models.BooleanField(default=False)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    objects = FindingStepQuerySet.as_manager()

    class Meta:
        ordering = ["-done_at", "-id"]
        verbose_name = _("整改过程")
        verbose_name_plural = _("整改过程")

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.act}"

    def url_for(self, user: User) -> str:
        """The page of its finding."""
        return self.finding.url_for(user)
