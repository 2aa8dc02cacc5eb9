"""A filing: what an operator reports to the street about one facility, section by section."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import FILING, FilingStatus, RegistrationStatus, SectionStatus
from portal.core import clock
from portal.core.crypto import SealedJSONField
from portal.core.models import Community, Noun, User, staff_with
from portal.core.roles import Role

from .choices import FilingKind, FilingSource, Proposal, SectionKey
from .facility import Facility, Membership, withheld_from

FILING_READERS = (Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)
S = FilingStatus
REVIEW = frozenset({"take", "note", "request_correction", "propose"})


def begun_by(user: User) -> Q:
    """Filings that are this person's because he began them.

    Once a filing is about a facility it is the members': who has left has no part in it any more.
    What was typed in at the counter stays with the clerk who typed it.
    """
    return Q(created_by=user) & (Q(facility=None) | Q(source=FilingSource.COUNTER))


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, user: User) -> FilingQuerySet:
        """An operator sees his own and his facilities' filings; the office what was sent."""
        mine = begun_by(user)
        if user.has_role(Role.OPERATOR):
            facilities = Membership.objects.filter(user=user, left_on=None).values("facility")
            mine |= Q(facility__in=facilities)
        communities = user.reach(*FILING_READERS, Role.COMMUNITY)
        sent = Q(submitted_at__isnull=False)
        mine |= sent if communities is None else sent & Q(community__in=communities)
        return self.filter(mine)

    def open(self) -> FilingQuerySet:
        """Filings whose answer the office owes (the clock runs)."""
        return self.filter(state__in=[S.SUBMITTED, S.IN_REVIEW, S.PROPOSED])


class Filing(Noun):
    """A registration report; `answer_due` is the Shanghai day by which the office answers."""

    machine = FILING

    number = models.CharField(_("报送编号"), max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=FilingKind, default=FilingKind.INITIAL)
    scope = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    source = models.CharField(
        _("报送方式"), max_length=8, choices=FilingSource, default=FilingSource.ONLINE
    )
    # Blind indexes of the persons named, to find the same person in another filing (prod:B18).
    person_keys = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    state = models.CharField(
        _("状态"), max_length=12, choices=FilingStatus, default=FilingStatus.DRAFT
    )
    submit_token = models.UUIDField(unique=True, default=uuid.uuid4)
    facility = models.ForeignKey(
        Facility, null=True, on_delete=models.PROTECT, related_name="filings"
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="filings")
    created_at = models.DateTimeField()
    # What lists show and search; the answers themselves are sealed in the sections.
    facility_name = models.CharField(_("机构名称"), max_length=100, blank=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, blank=True)
    community = models.ForeignKey(Community, null=True, on_delete=models.PROTECT)
    search_grams = ArrayField(models.TextField(), default=list)
    round = models.PositiveSmallIntegerField(_("提交次数"), default=0)
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    received_on = models.DateField(_("首次收到日期"), null=True)
    answer_due = models.DateField(_("答复期限"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    paused_on = models.DateField(_("计时暂停"), null=True)
    correction_due = models.DateField(_("补正期限"), null=True)
    draft_until = models.DateField(_("草稿保留至"))
    regulation_version = models.CharField(max_length=200, blank=True)
    handler = models.ForeignKey(
        User, verbose_name=_("经办人"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    proposal = models.CharField(max_length=10, choices=Proposal, blank=True)
    proposal_reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = _("登记报送")
        verbose_name_plural = _("登记报送")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "answer_due", "id"], name="filing_queue"),
            models.Index(fields=["community", "state", "answer_due"], name="filing_community"),
            models.Index(fields=["-submitted_at", "-id"], name="filing_newest"),
            models.Index(fields=["uscc"], name="filing_uscc"),
            GinIndex(fields=["search_grams"], name="filing_grams"),
            GinIndex(fields=["person_keys"], name="filing_persons"),
            models.Index(fields=["handler", "state", "answer_due"], name="filing_handler"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["facility"],
                condition=~Q(kind=FilingKind.INITIAL)
                & Q(state__in=[S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.CORRECTION, S.PROPOSED]),
                name="filing_one_open_change",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FilingStatus.values), name="filing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="filing_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.PROPOSED) | (Q(proposed_by__isnull=False) & ~Q(proposal="")),
                name="filing_proposed_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.REGISTERED, S.DECLINED])
                | Q(decided_by__isnull=False, proposed_by__isnull=False),
                name="filing_decided_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.REGISTERED) | Q(facility__isnull=False),
                name="filing_registered_has_facility",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.SUBMITTED, S.IN_REVIEW, S.PROPOSED])
                | Q(answer_due__isnull=False, submitted_at__isnull=False),
                name="filing_open_has_due",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.CORRECTION)
                | Q(paused_on__isnull=False, correction_due__isnull=False),
                name="filing_correction_paused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.facility_name}".strip()

    @property
    def party(self) -> str:
        """The facility's code once there is one; papers and messages are listed by it."""
        return self.facility.code if self.facility else ""

    @property
    def is_paused(self) -> bool:
        """Whether the office's clock stands still because the operator must act."""
        return self.state == FilingStatus.CORRECTION

    @property
    def is_registered_since(self) -> bool:
        """Whether a facility with this credit code has entered the register all the same."""
        registered = Facility.objects.filter(registration=RegistrationStatus.REGISTERED)
        return registered.exclude(uscc="").filter(uscc=self.uscc).exists()

    def is_held_by_maker(self, user: User) -> bool:
        """Whether it is this person's because he began it (see begun_by)."""
        by_maker = self.facility_id is None or self.source == FilingSource.COUNTER
        return by_maker and self.created_by_id == user.pk

    def belongs_to(self, user: User) -> bool:
        """Whether it is this person's own filing, begun by him or for a facility of his."""
        if self.is_held_by_maker(user):
            return True
        members = Membership.objects.filter(user=user, left_on=None, facility=self.facility)
        return self.facility_id is not None and members.exists()

    @property
    def is_of_the_office(self) -> bool:
        """Whether the office began it by itself (a cancellation): nothing in it is a facility's."""
        return self.kind == FilingKind.CLOSURE and self.source == FilingSource.COUNTER

    def withholds(self, user: User, right: str) -> bool:
        """Whether the person's part keeps this right from him; what is the office's own, always."""
        if self.is_held_by_maker(user):
            return False
        if self.is_of_the_office:
            return True
        return withheld_from(user, self.facility_id, right)

    def admits_again(self, user: User, act: str, columns: list[str]) -> bool:
        """Whether the clerk who began it may also review and propose; he never decides (R5).

        What the office began by itself is nobody else's content. What was typed in from paper goes
        to another clerk, except where there is none: then it is proposed by him who typed it.
        """
        if columns != ["created_by"] or act not in REVIEW or self.source != FilingSource.COUNTER:
            return False
        if self.is_of_the_office:
            return True
        others = staff_with(Role.CLERK, clock.today(), self.community).exclude(pk=user.pk)
        return not others.exists()

    def url_for(self, user: User) -> str:
        """The page on which this person works with the filing."""
        is_his_to_fill_in = self.is_held_by_maker(user) and self.state in {S.DRAFT, S.CORRECTION}
        if user.is_office and not is_his_to_fill_in:
            return reverse("desk:filing", args=[self.number])
        return reverse("my:filing", args=[self.number])


class FilingSection(Noun):
    """One section as typed (`draft`) and, once it is whole, as understood (`answers`)."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=20)
    status = models.CharField(
        max_length=12, choices=SectionStatus, default=SectionStatus.NOT_STARTED
    )
    draft = SealedJSONField(null=True)
    answers = SealedJSONField(null=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)
    updated_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "key"], name="filing_section_once"),
            models.CheckConstraint(
                condition=~Q(status=SectionStatus.COMPLETE) | Q(answers__isnull=False),
                name="filing_section_complete_has_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.key}"


class FilingCertificateQuerySet(models.QuerySet["FilingCertificate"]):
    def visible_to(self, user: User) -> FilingCertificateQuerySet:
        """Whoever sees the filing sees its papers."""
        return self.filter(filing__in=Filing.objects.visible_to(user).values("pk"))


class FilingCertificate(Noun):
    """A paper handed in with a filing: what it is, its number and dates; the files hang on it."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="certificates")
    material = models.CharField(_("材料"), max_length=40)
    number = models.CharField(_("编号"), max_length=60, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=100, blank=True)
    issued_on = models.DateField(_("发证日期"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = FilingCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("报送材料")
        verbose_name_plural = _("报送材料")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "material"], name="filing_material_once"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.material}"

    @property
    def party(self) -> str:
        """The facility's code, through the filing."""
        return self.filing.party


class FilingSubmission(Noun):
    """What was sent, frozen: one row a round, with the declaration and the law it was under."""

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="submissions")
    round = models.PositiveSmallIntegerField()
    answers = SealedJSONField()
    declared_name = models.CharField(max_length=40)
    declaration_sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    regulation_version = models.CharField(max_length=200)

    class Meta:
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["filing", "round"], name="filing_round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} round {self.round}"


class CorrectionItem(Noun):
    """One thing the office asks to be put right: section, perhaps field, and the reason."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="corrections")
    round = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=20)
    item = models.CharField(max_length=60, blank=True)
    reason = models.CharField(_("需要补正的内容"), max_length=300)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    is_sent = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("补正事项")
        verbose_name_plural = _("补正事项")
        ordering = ["id"]
        indexes = [models.Index(fields=["filing", "round"], name="correction_round")]

    def __str__(self) -> str:
        return self.reason

    @property
    def section_name(self) -> str:
        """The part it is about, as people call it."""
        return str(dict(SectionKey.choices).get(self.section, self.section))
