"""The complaint itself. Case pages know the day only: no time, no address, no device (R10)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.workflow import COMPLAINT, OPEN, ComplaintStatus
from facilities.models import Facility, Lead
from inspections.models import Inspection
from portal.core.models import Community, User
from portal.core.models.publication import register_kind
from portal.core.roles import Role

from .choices import (
    Category,
    Channel,
    Lane,
    PauseKind,
    RejectGround,
    Result,
    Satisfaction,
    Severity,
)
from .vault import Vault

S = ComplaintStatus
OUTCOME = "complaint_outcome"
# What residents read of it: the outcome of an upheld complaint, decided for good (R14).
# Another text is proposed anew: only there it is compared with the complainant's own words.
register_kind(
    OUTCOME,
    _("投诉处理结果"),
    holds=lambda case: case.result == Result.UPHELD and case.state == S.ARCHIVED,
    is_revised=False,
)


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User) -> Self:
        """Each lane its own people, never those with a tie (R10, sec:C9).

        Normal: caseworkers within their communities, approvers. Red: the named duty persons alone.
        Discipline: the auditor alone. Who typed a case in at the counter does not see it again.
        """
        reach = Q(pk__in=[])
        if user.has_role(Role.APPROVER):
            reach |= Q(lane=Lane.NORMAL)
        elif user.has_role(Role.HANDLER):
            reach |= Q(lane=Lane.NORMAL) & _within(user, Role.HANDLER)
        if user.has_role(Role.RED_LANE):
            reach |= Q(lane=Lane.RED) & _within(user, Role.RED_LANE)
        if user.has_role(Role.AUDITOR):
            reach |= Q(lane=Lane.DISCIPLINE)
        return self.filter(reach).exclude(_tied(user))

    def open(self) -> Self:
        """Those that have not come to an end."""
        return self.filter(state__in=OPEN)

    def of_operators(self) -> Self:
        """Nothing: operators never see a complaint, only requests with a number of their own."""
        return self.none()


def _within(user: User, role: str) -> Q:
    """The communities of the role; what lies in none belongs to those of the whole street."""
    communities = user.communities_of(role)
    return Q() if communities is None else Q(community__in=communities) | Q(handler=user)


def _tied(user: User) -> Q:
    """Cases from which the person must keep away."""
    standing = user.confidential_ties.filter(ended_on=None)
    facilities = standing.exclude(facility=None).values("facility")
    cases = standing.exclude(complaint=None).values("complaint")
    return Q(facility__in=facilities) | Q(pk__in=cases)


class Complaint(Vault):
    """A complaint or report. Its id is random: one that orders by age would tell the minute."""

    machine = COMPLAINT
    shown_with = ("facility", "community", "handler", "inspection")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("投诉编号"), max_length=20, unique=True)
    code_hash = models.CharField(max_length=128)
    # Fingerprint of the form's random token: twice is one case, and nothing here tells the code.
    submit_key = models.CharField(max_length=64, unique=True)
    state = models.CharField(_("状态"), max_length=20, choices=ComplaintStatus, default=S.RECEIVED)
    lane = models.CharField(_("专线"), max_length=10, choices=Lane, default=Lane.NORMAL)
    category = models.CharField(_("类别"), max_length=3, choices=Category)
    severity = models.CharField(_("严重程度"), max_length=8, choices=Severity)
    channel = models.CharField(_("来源"), max_length=8, choices=Channel, default=Channel.WEB)
    external_number = models.CharField(_("12345 工单号"), max_length=40, blank=True)
    external_due = models.DateField(_("12345 要求办结日期"), null=True)
    facility = models.ForeignKey(
        Facility, verbose_name=_("机构"), null=True, on_delete=models.PROTECT,
        related_name="complaints",
    )  # fmt: skip
    lead = models.ForeignKey(Lead, null=True, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(
        Community, verbose_name=_("社区（村）"), null=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    is_named = models.BooleanField(_("实名"), default=False)
    received_on = models.DateField(_("收到日期"))
    # Came while the hourly budgets were spent: looked at first for being made by a machine.
    is_suspect = models.BooleanField(default=False)

    # --- the clocks
    respond_due = models.DateField(_("首次答复期限"))
    finish_due = models.DateField(_("办结期限"), null=True)
    paused_on = models.DateField(_("暂停日期"), null=True)
    pause_kind = models.CharField(_("暂停种类"), max_length=10, choices=PauseKind, blank=True)
    pause_reason = models.CharField(_("暂停原因"), max_length=200, blank=True)
    # A question to the complainant has its day in `answer_due`.
    pause_until = models.DateField(_("最迟暂停到"), null=True)
    extended_on = models.DateField(_("延长日期"), null=True)
    answer_due = models.DateField(_("补充期限"), null=True)

    # --- the red lane
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_on = models.DateField(null=True)
    reported_on = models.DateField(_("报告日期"), null=True)
    category_proposed = models.CharField(max_length=3, choices=Category, blank=True)
    category_proposed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )
    category_confirmed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )

    # --- casework
    title = models.CharField(_("标题"), max_length=60, blank=True)
    summary = models.TextField(_("摘要"), blank=True)
    search_grams = ArrayField(models.TextField(), default=list)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(
        User, verbose_name=_("承办人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Who dealt with it and who wrote the reply before the review that others do.
    first_handler = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    first_author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    assistants = models.ManyToManyField(User, related_name="+")
    accepted_on = models.DateField(_("受理日期"), null=True)
    reject_ground = models.CharField(max_length=15, choices=RejectGround, blank=True)
    inspection = models.ForeignKey(
        Inspection, null=True, on_delete=models.PROTECT, related_name="+"
    )
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    # --- the end
    result = models.CharField(_("结果"), max_length=12, choices=Result, blank=True)
    evidence = models.BinaryField(null=True)
    reply = models.BinaryField(null=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(_("办结日期"), null=True)
    # How it ended the first time: a review makes a late end neither early nor undone.
    first_closed_on = models.DateField(null=True)
    first_due = models.DateField(null=True)
    first_result = models.CharField(max_length=12, choices=Result, blank=True)
    is_solved = models.BooleanField(_("解决了没有"), null=True)
    satisfaction = models.CharField(max_length=5, choices=Satisfaction, blank=True)
    review_asked_on = models.DateField(_("申请复核日期"), null=True)

    # --- what was told, and until when it is kept
    body = models.BinaryField(null=True)
    sketch = ArrayField(models.BigIntegerField(), default=list)
    sketch_bands = ArrayField(models.CharField(max_length=16), default=list)
    contact_until = models.DateField(null=True)
    erase_after = models.DateField(_("销毁日期"), null=True)
    erased_on = models.DateField(null=True)
    hold_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    hold_reason = models.CharField(_("保留原因"), max_length=200, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("投诉举报")
        verbose_name_plural = _("投诉举报")
        ordering = ["-received_on", "number"]
        indexes = [
            models.Index(fields=["lane", "state", "finish_due"], name="complaint_queue"),
            models.Index(fields=["handler", "state"], name="complaint_handler"),
            models.Index(fields=["facility", "-received_on"], name="complaint_facility"),
            models.Index(fields=["community", "state"], name="complaint_community"),
            models.Index(fields=["category", "-received_on"], name="complaint_category"),
            models.Index(fields=["-received_on", "number"], name="complaint_newest"),
            models.Index(fields=["closed_on"], name="complaint_closed"),
            models.Index(fields=["first_closed_on"], name="complaint_first_closed"),
            models.Index(
                fields=["erase_after"], condition=Q(erased_on=None), name="complaint_retention"
            ),
            GinIndex(fields=["search_grams"], name="complaint_grams"),
            GinIndex(fields=["sketch_bands"], name="complaint_bands"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ComplaintStatus.values), name="complaint_state_known"
            ),
            # R9: nobody lets a red case go on before the police or the competent organ knows.
            models.CheckConstraint(
                condition=~Q(lane=Lane.RED) | Q(state=S.RECEIVED) | Q(reported_on__isnull=False),
                name="complaint_red_reported",
            ),
            models.CheckConstraint(
                condition=~Q(lane=Lane.RED) | ~Q(state=S.WITHDRAWN), name="complaint_red_stands"
            ),
            models.CheckConstraint(
                condition=Q(paused_on=None, pause_kind="", pause_until=None)
                | (Q(paused_on__isnull=False) & ~Q(pause_kind="")),
                name="complaint_paused_why",
            ),
            models.CheckConstraint(
                condition=Q(category_confirmed_by=None)
                | ~Q(category_confirmed_by=F("category_proposed_by")),
                name="complaint_category_two",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="complaint_reply_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.REPLY_PROPOSED])
                | (Q(proposed_by__isnull=False) & ~Q(result="")),
                name="complaint_proposed_what",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.RESOLVED) | (~Q(result="") & Q(closed_on__isnull=False)),
                name="complaint_closed_how",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.RESOLVED) | Q(lane=Lane.DISCIPLINE)
                | Q(decided_by__isnull=False),
                name="complaint_closed_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REJECTED) | ~Q(reject_ground=""),
                name="complaint_rejected_why",
            ),
            models.CheckConstraint(
                condition=Q(handler=None) | Q(first_handler=None)
                | ~Q(handler=F("first_handler")),
                name="complaint_review_other",
            ),
            models.CheckConstraint(
                condition=Q(handler=None) | Q(first_author=None) | ~Q(handler=F("first_author")),
                name="complaint_review_author",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="complaint_not_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(hold_by=None) | ~Q(hold_reason=""), name="complaint_hold_why"
            ),
            models.CheckConstraint(
                condition=Q(erased_on=None) | Q(data_key=None, body=None, sketch=[]),
                name="complaint_erased_gone",
            ),
            models.UniqueConstraint(
                fields=["external_number"], condition=~Q(external_number=""),
                name="complaint_order_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def is_red(self) -> bool:
        """Whether it goes over the red lane."""
        return self.lane == Lane.RED

    @property
    def told(self) -> dict[str, Any]:
        """What was told: `happened`, `when`, `wish`, `place`, `answers`; {} once erased."""
        return self.opened(self.body, "body") or {}

    @property
    def reply_text(self) -> str:
        """The answer to the complainant, proposed or given."""
        return str(self.opened(self.reply, "reply") or "")

    @property
    def evidence_text(self) -> str:
        """What the result rests on."""
        return str(self.opened(self.evidence, "evidence") or "")

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still."""
        return self.paused_on is not None

    @property
    def given_day(self) -> dt.date | None:
        """The last day that 12345 has set; a review of ours has days of its own."""
        return None if self.review_asked_on else self.external_due

    @property
    def admits_withdrawal(self) -> bool:
        """A report of danger to a child is looked into whatever becomes of the report."""
        return not self.is_red

    @property
    def party(self) -> str:
        """Nothing: no list of anybody else's shows what belongs to a case."""
        return ""

    def url_for(self, user: User) -> str:
        """Its page at the desk: by id, since the number opens the public page (R12)."""
        return reverse("desk:complaint", args=[self.pk])
