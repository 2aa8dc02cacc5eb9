"""The pool of the committee, the panels drawn from it, and its meetings."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.workflow import MEETING, MeetingStatus
from facilities.models import Facility
from portal.core.models import Community, Noun, User

from .choices import OFFICE_READERS, Choice, Field, Ground, MeetingKind, PanelKind


class EvaluatorQuerySet(models.QuerySet["Evaluator"]):
    def visible_to(self, user: User) -> EvaluatorQuerySet:
        """The office sees the pool, a member himself."""
        return self if user.has_role(*OFFICE_READERS) else self.filter(user=user)

    def not_over(self, day: dt.date) -> EvaluatorQuerySet:
        """Terms that run on the day or are to begin later."""
        return self.filter(Q(term_to=None) | Q(term_to__gte=day))

    def in_term(self, day: dt.date) -> EvaluatorQuerySet:
        """Members whose term contains the day and who can still sign in."""
        return self.filter(
            Q(term_to=None) | Q(term_to__gte=day), term_from__lte=day, user__is_active=True
        )


class Evaluator(Noun):
    """A member of the pool: a person with an account, a field, a unit and a term."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evaluator_terms")
    field = models.CharField(_("专业"), max_length=12, choices=Field)
    unit = models.CharField(_("单位"), max_length=60)
    community = models.ForeignKey(
        Community, verbose_name=_("所在社区（村）"), null=True, blank=True, on_delete=models.PROTECT
    )
    term_from = models.DateField(_("任期起"))
    term_to = models.DateField(_("任期止"), null=True, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = EvaluatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("评估委员")
        verbose_name_plural = _("评估委员")
        ordering = ["field", "unit", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(term_to=None), name="evaluator_one_open_term"
            ),
            models.CheckConstraint(
                condition=Q(term_to=None) | Q(term_to__gte=F("term_from")), name="evaluator_term"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.unit}）"

    def url_for(self, user: User) -> str:
        """The page of the pool; for the member himself, his own."""
        return reverse("desk:evaluators") if user.is_office else reverse("panel:home")


class EvaluatorTieQuerySet(models.QuerySet["Tie"]):
    def visible_to(self, user: User) -> EvaluatorTieQuerySet:
        """The office sees them all, a member his own."""
        return self if user.has_role(*OFFICE_READERS) else self.filter(evaluator__user=user)


class Tie(Noun):
    """A relation between a member and a facility, told by the member or known to the office."""

    evaluator = models.ForeignKey(Evaluator, on_delete=models.CASCADE, related_name="ties")
    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="+")
    ground = models.CharField(_("关系"), max_length=12, choices=Ground)
    declared_on = models.DateField(_("申报日期"))
    ended_on = models.DateField(_("解除日期"), null=True)

    objects = EvaluatorTieQuerySet.as_manager()

    class Meta:
        verbose_name = _("回避关系")
        verbose_name_plural = _("回避关系")
        constraints = [
            models.UniqueConstraint(
                fields=["evaluator", "facility"],
                condition=Q(ended_on=None),
                name="evaluator_tie_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.evaluator_id} {self.facility_id}"


class Panel(Noun):
    """An odd number of members, drawn with a seed that anybody may use to draw again."""

    round = models.ForeignKey(
        "evaluations.EvaluationRound", on_delete=models.CASCADE, related_name="panels"
    )
    kind = models.CharField(_("用途"), max_length=10, choices=PanelKind, default=PanelKind.SCORING)
    objection = models.OneToOneField(
        "evaluations.Objection", null=True, on_delete=models.CASCADE, related_name="panel"
    )
    seed = models.CharField(_("抽取种子"), max_length=64)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(_("抽取时间"))
    # The record: candidates with field and number of conflicts, who was left out, the substitutes.
    record = models.JSONField()

    class Meta:
        verbose_name = _("评估组")
        verbose_name_plural = _("评估组")
        constraints = [
            models.UniqueConstraint(
                fields=["round"], condition=Q(kind=PanelKind.SCORING), name="panel_one_scoring"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.seed}"


class SeatQuerySet(models.QuerySet["PanelMember"]):
    def standing(self) -> SeatQuerySet:
        """Without who has dropped out."""
        return self.filter(left_at=None)


class PanelMember(Noun):
    """A member of a panel. Nobody scores before he has pledged secrecy and integrity.

    Who drops out keeps the seat under which his scores stand, and nothing else.
    """

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="members")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="seats")
    order = models.PositiveSmallIntegerField()
    is_leader = models.BooleanField(_("组长"), default=False)
    pledged_at = models.DateTimeField(_("承诺时间"), null=True)
    pledge_text = models.TextField(_("承诺内容"), blank=True)
    left_at = models.DateTimeField(_("退出时间"), null=True)
    # A substitute who scores single facilities only is no member of the panel for the round.
    for_round = models.BooleanField(_("参加整轮评估"), default=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("评估组成员")
        verbose_name_plural = _("评估组成员")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "evaluator"], name="seat_once"),
            models.UniqueConstraint(
                fields=["panel"], condition=Q(is_leader=True), name="seat_one_leader"
            ),
            models.CheckConstraint(
                condition=Q(pledged_at=None) | ~Q(pledge_text=""), name="seat_pledge_whole"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(is_leader=False), name="seat_leader_is_there"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel_id} {self.order}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """The office, and who belongs to the panel."""
        if user.has_role(*OFFICE_READERS):
            return self.all()
        called = Attendance.objects.filter(
            meeting=OuterRef("pk"), member__evaluator__user=user, member__left_at=None
        )
        return self.filter(Exists(called))


class Meeting(Noun):
    """A meeting: who was there, how they voted, what was written down."""

    machine = MEETING
    shown_with = ("round",)

    round = models.ForeignKey(
        "evaluations.EvaluationRound", on_delete=models.CASCADE, related_name="meetings"
    )
    kind = models.CharField(_("会议种类"), max_length=12, choices=MeetingKind)
    state = models.CharField(
        _("状态"), max_length=10, choices=MeetingStatus, default=MeetingStatus.CALLED
    )
    planned_for = models.DateTimeField(_("会议时间"))
    place = models.CharField(_("地点"), max_length=80)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField(_("签到时间"), null=True)
    minutes = models.TextField(_("会议记录"), blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("评估会议")
        verbose_name_plural = _("评估会议")
        ordering = ["-planned_for", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MeetingStatus.values), name="meeting_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=MeetingStatus.CLOSED) | ~Q(minutes=""),
                name="meeting_closed_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.planned_for:%Y-%m-%d}"

    def url_for(self, user: User) -> str:
        """The page on which this person finds it."""
        return reverse("desk:meeting", args=[self.pk]) if user.is_office else reverse("panel:home")


class Attendance(Noun):
    """Whether a member was at a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendances")
    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="attendances")
    is_present = models.BooleanField(_("到会"), default=False)

    class Meta:
        ordering = ["member__order"]
        verbose_name = _("签到")
        verbose_name_plural = _("签到")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "member"], name="attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id} {self.member_id}"


class Vote(Noun):
    """How a member voted on the result of one facility."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="votes")
    evaluation = models.ForeignKey(
        "evaluations.Evaluation", on_delete=models.CASCADE, related_name="votes"
    )
    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(_("表决"), max_length=8, choices=Choice)

    class Meta:
        verbose_name = _("表决")
        verbose_name_plural = _("表决")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "evaluation", "member"], name="vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.choice}"
