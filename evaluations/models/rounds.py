"""A round, and the evaluation of each facility in it."""

from __future__ import annotations

import uuid
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluations.rules import Terms
from evaluations.workflow import (
    AMENDMENT,
    OPEN_ROUNDS,
    OPENED,
    ROUND,
    SHOWN_TO_FACILITY,
    SHOWN_TO_PUBLIC,
    AmendmentStatus,
    ModerationStatus,
    RoundStatus,
)
from facilities.models import Facility, Membership
from facilities.models.facility import withheld_from
from portal.core.models import Community, Noun, User
from portal.core.models.publication import register_kind
from portal.core.roles import Role

from .choices import OFFICE_READERS, AmendmentKind, Grade, Ground, RoundKind
from .committee import Evaluator, PanelMember, SeatQuerySet
from .indicators import IndicatorSet

NOTICE, RESULT, REPLY = "evaluation_notice", "evaluation_result", "evaluation_reply"
DECIDED = frozenset({RoundStatus.DECISION, RoundStatus.FINAL})


def notice_holds(round_: Any) -> bool:
    """Whether the results are still those the notice was written from.

    The panel may take an item up until the notice is public; then it is proposed anew.
    """
    moved = Q(moderations__state=ModerationStatus.OPEN)
    moved |= Q(moderations__agreed_at__gt=F("computed_at")) | Q(remarks__answer="")
    return round_.state == RoundStatus.FACT_CHECK and not round_.evaluations.filter(moved).exists()


register_kind(NOTICE, _("质量评估公示"), list_name="public:evaluations", holds=notice_holds)
register_kind(RESULT, _("质量评估结果"), list_name="public:evaluations",
              holds=lambda round_: round_.state in DECIDED)  # fmt: skip
register_kind(REPLY, _("机构对评估结果的回应"))
S = RoundStatus


class RoundQuerySet(models.QuerySet["EvaluationRound"]):
    def visible_to(self, user: User) -> RoundQuerySet:
        """The office and the communities see all, a member those he was drawn for.

        An operator sees those his facility takes part in once they have begun.
        """
        if user.has_role(*OFFICE_READERS, Role.COMMUNITY):
            return self.all()
        seats = PanelMember.objects.standing().filter(evaluator__user=user)
        drawn = seats.filter(panel__round=OuterRef("pk"))
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        takes_part = Evaluation.objects.filter(round=OuterRef("pk"), facility__in=mine)
        begun = ~Q(state__in=[S.SETUP, S.CANCELLED])
        return self.filter(Exists(drawn) | (begun & Exists(takes_part)))

    def open(self) -> RoundQuerySet:
        """Those that are not over."""
        return self.filter(state__in=OPEN_ROUNDS)


class EvaluationRound(Noun):
    """One round: the set of indicators, the facilities, the terms and the days."""

    machine = ROUND
    shown_with = ("indicator_set",)

    number = models.CharField(_("评估编号"), max_length=20, unique=True)
    # What the calendar began it for ("self:2026"), so that it begins it once; or a form's token.
    occasion = models.CharField(max_length=80, unique=True)
    title = models.CharField(_("名称"), max_length=80)
    kind = models.CharField(_("种类"), max_length=10, choices=RoundKind, default=RoundKind.REGULAR)
    state = models.CharField(_("状态"), max_length=16, choices=RoundStatus, default=S.SETUP)
    indicator_set = models.ForeignKey(IndicatorSet, on_delete=models.PROTECT, related_name="rounds")
    terms_data = models.JSONField(default=dict)
    self_due = models.DateField(_("自评截止"))
    scoring_due = models.DateField(_("评分截止"), null=True)
    facts_due = models.DateField(_("核对事实截止"), null=True)
    notice_from = models.DateField(_("公示起始"), null=True)
    notice_until = models.DateField(_("公示截止"), null=True)
    finished_on = models.DateField(_("公布日期"), null=True)
    # Empty for what the calendar began.
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("建立时间"))
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    cancel_reason = models.CharField(_("取消原因"), max_length=300, blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("质量评估")
        verbose_name_plural = _("质量评估")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state", "-created_at"], name="round_list")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RoundStatus.values), name="round_state_known"
            ),
            models.CheckConstraint(
                condition=Q(started_by=None) | Q(created_by=None) | ~Q(started_by=F("created_by")),
                name="round_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CANCELLED) | ~Q(cancel_reason=""), name="round_cancelled_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.NOTICE, S.DECISION])
                | Q(notice_from__isnull=False, notice_until__isnull=False),
                name="round_notice_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.FINAL) | Q(finished_on__isnull=False),
                name="round_final_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def party(self) -> str:
        """A round belongs to no facility."""
        return ""

    @property
    def terms(self) -> Terms:
        """The figures its results hang on."""
        return Terms.from_json(self.terms_data)

    @property
    def is_opened(self) -> bool:
        """Whether the scores of all may be seen by the panel and the office."""
        return self.state in OPENED

    def url_for(self, user: User) -> str:
        """The page on which this person works with it."""
        if user.is_office:
            return reverse("desk:evaluation", args=[self.number])
        return reverse("panel:home") if user.has_role(Role.EVALUATOR) else reverse("my:evaluations")


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def visible_to(self, user: User) -> EvaluationQuerySet:
        """The office all, a community its own, a member those he scores, an operator his own.

        Who is recused sees nothing of it, whatever else he is.
        """
        return self._seen_by(user, PanelMember.objects.standing())

    def open_to(self, user: User) -> EvaluationQuerySet:
        """Those of them whose materials the person may read: a scorer once he has pledged.

        Those who look into an objection are called to one result and have nothing to pledge first.
        """
        pledged = ~Q(pledged_at=None) | ~Q(panel__objection=None)
        return self._seen_by(user, PanelMember.objects.standing().filter(pledged))

    def _seen_by(self, user: User, seats: SeatQuerySet) -> EvaluationQuerySet:
        communities = user.reach(*OFFICE_READERS, Role.COMMUNITY)
        if communities is None:
            return self.not_recused(user)
        its_own = Q(panel__objection=None) | Q(panel__objection__evaluation=OuterRef("pk"))
        drawn = seats.filter(its_own, evaluator__user=user, panel__round=OuterRef("round"))
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        begun = ~Q(round__state__in=[S.SETUP, S.CANCELLED])
        within = Exists(drawn) | (begun & Q(facility__in=mine))
        return self.filter(within | Q(facility__community__in=communities)).not_recused(user)

    def not_recused(self, user: User) -> EvaluationQuerySet:
        """Without those from which this person must stay away."""
        away = Recusal.objects.filter(evaluation=OuterRef("pk"), evaluator__user=user)
        return self.filter(~Exists(away))

    def shown_to_public(self) -> EvaluationQuerySet:
        """Those whose result was announced."""
        return self.filter(round__state__in=SHOWN_TO_PUBLIC, total__isnull=False)


class Evaluation(Noun):
    """One facility in one round, with its result as computed last; versions are Decisions."""

    shown_with = ("round", "facility")

    round = models.ForeignKey(EvaluationRound, on_delete=models.PROTECT, related_name="evaluations")
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="evaluations")
    community = models.ForeignKey(Community, on_delete=models.PROTECT, related_name="+")
    # The result as it stands; empty until the panel has agreed on everything.
    total = models.DecimalField(_("总分"), max_digits=6, decimal_places=2, null=True)
    grade = models.CharField(_("等级"), max_length=1, choices=Grade, blank=True)
    result = models.JSONField(default=dict)
    computed_at = models.DateTimeField(null=True)
    # What the notice said (total, grade, result): shown until the decision, whatever is amended.
    announced = models.JSONField(default=dict)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构评估")
        verbose_name_plural = _("机构评估")
        ordering = ["facility__sort_key", "facility__code"]
        indexes = [models.Index(fields=["facility", "-computed_at"], name="evaluation_history")]
        constraints = [
            models.UniqueConstraint(fields=["round", "facility"], name="evaluation_once"),
            models.CheckConstraint(
                condition=Q(total=None, grade="") | (Q(total__isnull=False) & ~Q(grade="")),
                name="evaluation_whole_result",
            ),
            models.CheckConstraint(
                condition=Q(total=None) | Q(total__gte=0), name="evaluation_total_sound"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.facility_id}"

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.facility.code

    @property
    def state(self) -> str:
        """That of its round, for whoever asks what is open now."""
        return self.round.state

    @property
    def is_shown_to_facility(self) -> bool:
        """Whether the operator may see the draft result."""
        return self.round.state in SHOWN_TO_FACILITY

    def belongs_to(self, user: User) -> bool:
        """Whether the person works for the facility."""
        return Membership.objects.filter(
            user=user, facility=self.facility_id, left_on=None
        ).exists()

    def withholds(self, user: User, right: str) -> bool:
        """What binds the facility (an objection, a reply) is its manager's, not an editor's."""
        return withheld_from(user, self.facility_id, right)

    def url_for(self, user: User) -> str:
        """The page on which this person works with it."""
        round_ = self.round
        if user.is_office:
            return reverse("desk:evaluation_result", args=[round_.number, self.facility.code])
        if user.has_role(Role.EVALUATOR):
            return reverse("panel:home")
        return reverse("my:evaluations")


class Recusal(Noun):
    """A member stays away from a facility: computed at the draw, or declared after it."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="recusals")
    evaluator = models.ForeignKey(Evaluator, on_delete=models.PROTECT, related_name="recusals")
    ground = models.CharField(_("回避原因"), max_length=12, choices=Ground)
    is_computed = models.BooleanField(_("系统核出"), default=False)
    since = models.DateTimeField(_("回避时间"))

    class Meta:
        verbose_name = _("回避")
        verbose_name_plural = _("回避")
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "evaluator"], name="recusal_once")
        ]

    def __str__(self) -> str:
        return f"{self.evaluator_id}: {self.ground}"


class Decision(Noun):
    """A result as decided: frozen with the set, the seed and the explanation. Never altered."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="decisions")
    version = models.PositiveSmallIntegerField(_("版次"))
    total = models.DecimalField(_("总分"), max_digits=6, decimal_places=2)
    grade = models.CharField(_("等级"), max_length=1, choices=Grade)
    result = models.JSONField()
    set_version = models.PositiveSmallIntegerField(_("指标体系版次"))
    seed = models.CharField(_("抽取种子"), max_length=64)
    is_suspended = models.BooleanField(_("暂停使用"), default=False)
    reason = models.CharField(_("变更原因"), max_length=300, blank=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("审定时间"))
    meeting = models.ForeignKey(
        "evaluations.Meeting", null=True, on_delete=models.PROTECT, related_name="decisions"
    )

    class Meta:
        verbose_name = _("评估审定")
        verbose_name_plural = _("评估审定")
        ordering = ["-version"]
        triggers = [
            pgtrigger.Protect(name="decision_frozen", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "version"], name="decision_version_once"),
            models.CheckConstraint(
                condition=Q(version=1) | ~Q(reason=""), name="decision_change_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None) | ~Q(proposed_by=F("decided_by")),
                name="decision_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} 第{self.version}版"


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def visible_to(self, user: User) -> AmendmentQuerySet:
        """The office."""
        if not user.has_role(*OFFICE_READERS):
            return self.none()
        seen = Evaluation.objects.visible_to(user).order_by().values("pk")
        return self.filter(evaluation__in=seen)


class Amendment(Noun):
    """A proposal to change a published result: correct, lower, suspend or restore it."""

    machine = AMENDMENT

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="amendments")
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(_("种类"), max_length=10, choices=AmendmentKind)
    state = models.CharField(
        _("状态"), max_length=10, choices=AmendmentStatus, default=AmendmentStatus.PROPOSED
    )
    total = models.DecimalField(_("总分"), max_digits=6, decimal_places=2)
    grade = models.CharField(_("等级"), max_length=1, choices=Grade)
    reason = models.CharField(_("变更原因"), max_length=300)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("提请时间"))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("审定时间"), null=True)
    refusal = models.CharField(_("不予变更的理由"), max_length=300, blank=True)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("结果变更")
        verbose_name_plural = _("结果变更")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation"],
                condition=Q(state=AmendmentStatus.PROPOSED),
                name="amendment_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AmendmentStatus.values), name="amendment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="amendment_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state=AmendmentStatus.PROPOSED) | Q(decided_by__isnull=False),
                name="amendment_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id} {self.kind}"

    def url_for(self, user: User) -> str:
        """The page of the result it is about."""
        return self.evaluation.url_for(user)


def current(decisions: Any) -> Decision | None:
    """The newest version among these, which come newest first."""
    return next(iter(decisions), None)
