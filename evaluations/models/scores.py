"""The sheets of the evaluators, what does not apply, and what the panel agrees on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.workflow import (
    MODERATION,
    OPENED,
    SHEET,
    SKIP,
    ModerationStatus,
    SheetStatus,
    SkipStatus,
)
from portal.core.models import Noun, User

from .choices import OFFICE_READERS
from .committee import PanelMember
from .indicators import Indicator
from .rounds import Evaluation, Recusal

FIRST_LEADS = ("-is_leader", "-for_round", "order")


def sits(user: User, evaluation: str) -> Exists:
    """Whether the person sits on the scoring panel of the round."""
    seats = PanelMember.objects.standing().filter(
        panel__round=OuterRef(f"{evaluation}__round"), panel__objection=None, evaluator__user=user
    )
    return Exists(seats)


def _stays_away(user: User, evaluation: str) -> Exists:
    """Whether the person is recused from the facility."""
    return Exists(Recusal.objects.filter(evaluation=OuterRef(evaluation), evaluator__user=user))


class SheetQuerySet(models.QuerySet["ScoreSheet"]):
    def visible_to(self, user: User) -> SheetQuerySet:
        """One's own; the office sees how far each is, the panel that of others once opened.

        A sheet holds no points: who sees those is said by Score. Whoever is recused from the
        facility sees no sheet, his own neither; nor does who has dropped out of the panel.
        """
        found = self.exclude(_stays_away(user, "evaluation"))
        if user.has_role(*OFFICE_READERS):
            return found
        own = Q(member__evaluator__user=user, member__left_at=None)
        opened = Q(evaluation__round__state__in=sorted(OPENED))
        return found.filter(own | (opened & sits(user, "evaluation")))


class ScoreSheet(Noun):
    """What one evaluator thinks of one facility; `version` counts what was saved."""

    machine = SHEET
    shown_with = ("evaluation__round", "evaluation__facility", "member__evaluator")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="sheets")
    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="sheets")
    state = models.CharField(
        _("状态"), max_length=12, choices=SheetStatus, default=SheetStatus.NOT_STARTED
    )
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(_("保存时间"), null=True)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    signature = models.CharField(_("署名"), max_length=40, blank=True)
    return_reason = models.CharField(_("退回原因"), max_length=300, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")
        indexes = [models.Index(fields=["member", "state"], name="sheet_queue")]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "member"], name="sheet_once"),
            models.CheckConstraint(
                condition=Q(state__in=SheetStatus.values), name="sheet_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=SheetStatus.SUBMITTED)
                | (Q(submitted_at__isnull=False) & ~Q(signature="")),
                name="sheet_submitted_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.member_id}"

    @property
    def party(self) -> str:
        """Evidence of an evaluator stands in no facility's lists."""
        return ""

    def belongs_to(self, user: User) -> bool:
        """Whether it is this person's own sheet, who has not dropped out."""
        return self.member.left_at is None and self.member.evaluator.user_id == user.pk

    def url_for(self, user: User) -> str:
        """Where this person works with it."""
        return self.evaluation.round.url_for(user) if user.is_office else reverse("panel:home")


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: User) -> ScoreQuerySet:
        """One's own; everybody's, for panel and office, only once the round has opened them."""
        sheets = ScoreSheet.objects.visible_to(user).order_by().values("pk")
        own = Q(sheet__member__evaluator__user=user)
        opened = Q(sheet__evaluation__round__state__in=sorted(OPENED))
        return self.filter(own | opened, sheet__in=sheets)


class Score(Noun):
    """The points one evaluator gives to one item; a row appears with the first word on it."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.CASCADE, related_name="scores")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=1, null=True)
    is_met = models.BooleanField(_("符合基础标准"), null=True)
    reason = models.TextField(_("理由"), blank=True)
    evidence = models.TextField(_("依据"), blank=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("评分")
        verbose_name_plural = _("评分")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "indicator"], name="score_once"),
            models.CheckConstraint(
                condition=Q(points=None) | Q(points__gte=0), name="score_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.points}"

    @property
    def party(self) -> str:
        """Evidence of an evaluator stands in no facility's lists."""
        return ""


class SkippedItemQuerySet(models.QuerySet["SkippedItem"]):
    def visible_to(self, user: User) -> SkippedItemQuerySet:
        """Who scores the facility, and the office."""
        found = self.exclude(_stays_away(user, "evaluation"))
        return found if user.has_role(*OFFICE_READERS) else found.filter(sits(user, "evaluation"))


class SkippedItem(Noun):
    """An item that does not apply to a facility: asked by an evaluator, decided by the leader.

    Where the leader asks, another member of the panel decides.
    """

    machine = SKIP

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="skipped")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("状态"), max_length=10, choices=SkipStatus, default=SkipStatus.ASKED)
    reason = models.CharField(_("不适用的理由"), max_length=300)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(_("答复"), max_length=300, blank=True)

    objects = SkippedItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("不适用指标")
        verbose_name_plural = _("不适用指标")
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "indicator"], name="skip_once"),
            models.CheckConstraint(
                condition=Q(state__in=SkipStatus.values), name="skip_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="skip_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state=SkipStatus.ASKED) | Q(decided_by__isnull=False),
                name="skip_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.indicator_id}"

    def belongs_to(self, user: User) -> bool:
        """Whether the decision is this person's: that of who leads here, or anybody's on his own.

        Who leads is asked of the facility: where the leader stays away, the next seat answers.
        """
        leader = leader_of(self.evaluation)
        if leader != self.asked_by_id:
            return leader == user.pk
        seats = PanelMember.objects.standing().filter(
            panel__round=self.evaluation.round_id, panel__objection=None, evaluator__user=user
        )
        return seats.exists()

    def url_for(self, user: User) -> str:
        """Where the panel works."""
        return reverse("panel:home")


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def visible_to(self, user: User) -> ModerationQuerySet:
        """The panel that scored, and the office; never who is recused."""
        found = self.exclude(_stays_away(user, "evaluation"))
        return found if user.has_role(*OFFICE_READERS) else found.filter(sits(user, "evaluation"))


class Moderation(Noun):
    """An item on which the scores lie too far apart, and what was agreed."""

    machine = MODERATION
    shown_with = ("evaluation__round", "evaluation__facility", "indicator")

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="moderations")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=10, choices=ModerationStatus, default=ModerationStatus.OPEN
    )
    spread = models.DecimalField(_("分差"), max_digits=5, decimal_places=1)
    points = models.DecimalField(_("合议得分"), max_digits=5, decimal_places=1, null=True)
    is_met = models.BooleanField(_("符合基础标准"), null=True)
    reason = models.TextField(_("合议理由"), blank=True)
    agreed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)

    objects = ModerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("合议")
        verbose_name_plural = _("合议")
        ordering = ["evaluation", "indicator__position"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "indicator"], name="moderation_once"),
            models.CheckConstraint(
                condition=~Q(state=ModerationStatus.AGREED)
                | (Q(points__isnull=False) & ~Q(reason="")),
                name="moderation_agreed_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.indicator_id}"

    def belongs_to(self, user: User) -> bool:
        """Whether this person leads the panel here: its leader, or the next where he stays away."""
        return leader_of(self.evaluation) == user.pk

    def url_for(self, user: User) -> str:
        """Where the panel works."""
        return self.evaluation.url_for(user)


class Remark(Noun):
    """What a member said in a discussion; pages show a letter, never the person."""

    moderation = models.ForeignKey(Moderation, on_delete=models.CASCADE, related_name="remarks")
    member = models.ForeignKey(PanelMember, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("意见"))
    said_at = models.DateTimeField()
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)

    class Meta:
        ordering = ["said_at", "id"]
        verbose_name = _("合议意见")
        verbose_name_plural = _("合议意见")

    def __str__(self) -> str:
        return f"{self.moderation_id}"


def leader_of(evaluation: Evaluation) -> uuid.UUID | None:
    """The account of who leads the panel for this facility: the first who need not stay away.

    A substitute for single facilities leads only where nobody else is left.
    """
    away = Recusal.objects.filter(evaluation=evaluation).values("evaluator")
    seats = PanelMember.objects.standing().filter(
        panel__round=evaluation.round_id, panel__objection=None
    ).exclude(evaluator__in=away)  # fmt: skip
    return seats.order_by(*FIRST_LEADS).values_list("evaluator__user", flat=True).first()
