"""What goes out of a case: a request to the facility, a report to the police or another organ."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.workflow import STATEMENT, StatementStatus
from facilities.models import Facility, Membership
from portal.core import clock
from portal.core.models import Noun, User

from .case import Complaint
from .choices import Organ

Q_STATES_SEEN = (StatementStatus.RELEASED, StatementStatus.ANSWERED, StatementStatus.LAPSED)


def _sent_to(user: User) -> Q:
    """Requests to the person's facilities whose batch has gone out.

    What was taken back or has ended before the day of its batch never reaches the facility.
    """
    theirs = Membership.objects.filter(user=user, left_on=None).values("facility")
    sent = Q(facility__in=theirs, state__in=Q_STATES_SEEN, release_on__lte=clock.today())
    in_time = Q(complaint__closed_on=None) | Q(release_on__lte=F("complaint__closed_on"))
    return sent & (in_time | Q(state=StatementStatus.ANSWERED))


class StatementQuerySet(models.QuerySet["StatementRequest"]):
    def visible_to(self, user: User) -> Self:
        """Who sees the case; the facility's people once it was checked and its day has come."""
        return self.filter(_sent_to(user) | Q(complaint__in=Complaint.objects.visible_to(user)))

    def of_facility(self, user: User) -> Self:
        """What the user may answer as a member of a facility."""
        return self.filter(_sent_to(user))


class StatementRequest(Noun):
    """A summary in the office's own words, checked by a second official; all a facility sees (C5).

    It carries a number of its own (QK-…) and says nothing of a complaint, its day or its words.
    """

    machine = STATEMENT

    number = models.CharField(_("编号"), max_length=20, unique=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="statements")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=12, choices=StatementStatus, default=StatementStatus.DRAFTED
    )
    summary = models.TextField(_("需要说明的问题"))
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    refusal = models.CharField(_("退回原因"), max_length=200, blank=True)
    # The next working day's batch, so that nobody can tell who left a minute before (sec:C4).
    release_on = models.DateField(_("发出日期"), null=True)
    due_on = models.DateField(_("说明期限"), null=True)
    answer = models.TextField(_("情况说明"), blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField(null=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("情况说明")
        verbose_name_plural = _("情况说明")
        ordering = ["-release_on", "number"]
        indexes = [
            models.Index(fields=["facility", "state", "-release_on"], name="statement_facility"),
            models.Index(fields=["state", "due_on"], name="statement_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StatementStatus.values), name="statement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("written_by")),
                name="statement_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=Q_STATES_SEEN)
                | Q(checked_by__isnull=False, release_on__isnull=False, due_on__isnull=False),
                name="statement_released_by",
            ),
            models.CheckConstraint(
                condition=~Q(state=StatementStatus.ANSWERED) | ~Q(answer=""),
                name="statement_answered_what",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def party(self) -> str:
        """The facility whose lists it stands in."""
        return str(self.facility.code)

    def belongs_to(self, user: User) -> bool:
        """Whether the person works for the facility that is asked."""
        members = Membership.objects.filter(user=user, facility=self.facility_id, left_on=None)
        return members.exists()

    def url_for(self, user: User) -> str:
        """The operator's own page; for the office the page of the case."""
        if user.is_office:
            return reverse("desk:complaint", args=[self.complaint_id])
        return reverse("my:statement", args=[self.number])


class ReportQuerySet(models.QuerySet["AuthorityReport"]):
    def visible_to(self, user: User) -> Self:
        """Whoever sees the case."""
        return self.filter(complaint__in=Complaint.objects.visible_to(user))


class AuthorityReport(Noun):
    """A red case was reported: to whom, when, under which reference (R9, domain.md §6.4)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="reports")
    organ = models.CharField(_("报告对象"), max_length=8, choices=Organ)
    unit = models.CharField(_("单位"), max_length=60)
    reference = models.CharField(_("接警编号或接报人"), max_length=60)
    reported_at = models.DateTimeField(_("报告时间"))
    note = models.BinaryField(null=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("报告记录")
        verbose_name_plural = _("报告记录")
        ordering = ["reported_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "organ", "reference"], name="report_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organ} {self.reference}"

    @property
    def note_text(self) -> str:
        """What was said; sealed with the case."""
        return str(self.complaint.opened(self.note, f"report:{self.pk}") or "")
