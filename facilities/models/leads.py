"""Hints of places that are not in the register, and letters to other authorities."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import (
    LEAD,
    OPEN_LEADS,
    TRANSFER,
    LeadStatus,
    RegistrationStatus,
    TransferStatus,
)
from portal.core.models import Community, Noun, OfficialPaper, User
from portal.core.models.attachments import PointingQuerySet
from portal.core.models.publication import register_kind
from portal.core.roles import Role

from .departments import Department
from .facility import Facility
from .filing import Filing

LEAD_READERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR, Role.LEADER, Role.AUDITOR)
REGISTRATION_NOTICE, UNREGISTERED_NOTICE = "registration", "unregistered"
REFUSAL_NOTICE = "refusal"
register_kind(REGISTRATION_NOTICE, _("登记"), list_name="public:disclosure_filings")
register_kind(
    UNREGISTERED_NOTICE,
    _("未登记场所"),
    list_name="public:unregistered",
    holds=lambda lead: lead.may_be_named,
)
register_kind(
    REFUSAL_NOTICE,
    _("不予登记"),
    list_name="public:refusals",
    holds=lambda filing: not filing.is_registered_since,
)
S = LeadStatus


class LeadSource(models.TextChoices):
    """How the office learned of it."""

    PHONE = "phone", _("电话反映")
    COUNTER = "counter", _("来访反映")
    PATROL = "patrol", _("巡查发现")
    COMPARISON = "comparison", _("名单比对")
    COMPLAINT = "complaint", _("投诉举报")


class LeadOutcome(models.TextChoices):
    """What was found on site; a fact, never a verdict."""

    CHILDCARE = "childcare", _("在开展托育服务，街道没有登记")
    REGISTERED = "registered", _("已经登记或备案")
    NOT_CHILDCARE = "not_childcare", _("不属于托育")
    UNCLEAR = "unclear", _("一时看不清楚，需要再核实")


class CloseReason(models.TextChoices):
    """Why a hint needs nothing more."""

    NOT_CHILDCARE = "not_childcare", _("不属于托育")
    STOPPED = "stopped", _("已不再提供托育服务")
    REPEATED = "repeated", _("与另一条线索重复")
    NOT_FOUND = "not_found", _("按所说地址找不到")
    HANDLED = "handled", _("接收部门已办结")


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, user: User) -> LeadQuerySet:
        """The office sees all, a community what lies in it; operators and residents nothing."""
        communities = user.reach(*LEAD_READERS, Role.COMMUNITY)
        return self if communities is None else self.filter(community__in=communities)

    def open(self) -> LeadQuerySet:
        """Those the office still has to do something about, or waits for."""
        return self.filter(state__in=OPEN_LEADS)

    def overdue(self, day: dt.date) -> LeadQuerySet:
        """Open ones whose next step should have been done before `day`."""
        return self.open().filter(due_on__lt=day)


class Lead(Noun):
    """A hint. `due_on` is the last day of the next step: verify, decide, be filed, be answered."""

    machine = LEAD

    number = models.CharField(_("线索编号"), max_length=20, unique=True)
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    state = models.CharField(_("状态"), max_length=12, choices=LeadStatus, default=S.NEW)
    source = models.CharField(_("来源"), max_length=12, choices=LeadSource)
    # Names the row of a list or the case it came from, so that it comes once.
    source_key = models.CharField(max_length=80, blank=True)
    name = models.CharField(_("名称"), max_length=100)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    community = models.ForeignKey(
        Community, verbose_name=_("社区（村）"), null=True, on_delete=models.PROTECT
    )
    address = models.CharField(_("地址"), max_length=200, blank=True)
    description = models.TextField(_("情况"), blank=True)
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=8, decimal_places=5, null=True)
    reported_on = models.DateField(_("反映日期"))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("记录时间"))
    due_on = models.DateField(_("办理期限"), null=True)
    outcome = models.CharField(_("核实结果"), max_length=15, choices=LeadOutcome, blank=True)
    guide_due = models.DateField(_("应报送日期"), null=True)
    facility = models.ForeignKey(
        Facility, null=True, on_delete=models.PROTECT, related_name="leads"
    )
    filing = models.ForeignKey(Filing, null=True, on_delete=models.PROTECT, related_name="leads")
    close_reason = models.CharField(_("了结原因"), max_length=15, choices=CloseReason, blank=True)
    search_grams = ArrayField(models.TextField(), default=list)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = _("未登记线索")
        verbose_name_plural = _("未登记线索")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="lead_queue"),
            models.Index(fields=["community", "state", "due_on"], name="lead_community"),
            models.Index(fields=["uscc"], name="lead_uscc"),
            GinIndex(fields=["search_grams"], name="lead_grams"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_key"], condition=~Q(source_key=""), name="lead_source_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LeadStatus.values), name="lead_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.VERIFIED, S.GUIDED, S.TRANSFERRED]) | ~Q(outcome=""),
                name="lead_seen_has_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.GUIDED) | Q(guide_due__isnull=False), name="lead_guide_due"
            ),
            models.CheckConstraint(
                condition=~Q(state=S.FILED) | Q(facility__isnull=False) | Q(filing__isnull=False),
                name="lead_filed_where",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CLOSED) | ~Q(close_reason=""), name="lead_closed_why"
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False),
                name="lead_whole_point",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def party(self) -> str:
        """The key under which the ground tables list what belongs to this hint."""
        return self.community.slug if self.community else ""

    @property
    def may_be_named(self) -> bool:
        """Whether it is still a place seen with children that the register does not hold."""
        seen = self.state in OPEN_LEADS and self.outcome == LeadOutcome.CHILDCARE
        standing = Facility.objects.filter(registration=RegistrationStatus.REGISTERED)
        return seen and not (self.uscc and standing.filter(uscc=self.uscc).exists())

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:lead", args=[self.number])


class LeadStep(Noun):
    """What was done about a hint, in words of the office; the timeline of its page."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=12)
    text = models.CharField(max_length=300)
    note = models.TextField(_("说明"), blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        ordering = ["-done_at", "-id"]
        verbose_name = _("线索办理")
        verbose_name_plural = _("线索办理")

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.act}"


class Transfer(Noun):
    """A letter that hands a matter about any noun to another authority (R6)."""

    machine = TRANSFER

    noun_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    noun_id = models.UUIDField()
    noun = GenericForeignKey("noun_type", "noun_id")
    party = models.CharField(max_length=40, blank=True, db_index=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=12, choices=TransferStatus, default=TransferStatus.SENT
    )
    matter = models.CharField(_("事项"), max_length=120)
    facts = models.TextField(_("移送的情况"))
    paper = models.OneToOneField(OfficialPaper, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("文号"), max_length=60)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField(_("移送日期"))
    remind_on = models.DateField(_("提醒日期"))
    due_on = models.DateField(_("应反馈日期"))
    receipt_on = models.DateField(_("回执日期"), null=True)
    answered_on = models.DateField(_("反馈日期"), null=True)
    result = models.TextField(_("反馈的结果"), blank=True)

    objects = PointingQuerySet.as_manager()

    class Meta:
        verbose_name = _("移送")
        verbose_name_plural = _("移送")
        ordering = ["-sent_on", "-id"]
        indexes = [
            models.Index(fields=["noun_type", "noun_id"], name="transfer_of_noun"),
            models.Index(fields=["state", "remind_on"], name="transfer_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=TransferStatus.values), name="transfer_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=TransferStatus.ANSWERED)
                | (Q(answered_on__isnull=False) & ~Q(result="")),
                name="transfer_answered_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.department_id}"

    def url_for(self, user: User) -> str:
        """The page of what it is about."""
        about: Any = self.noun
        return str(about.url_for(user))
