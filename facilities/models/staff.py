"""The people who work in a facility and the papers each must hold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.crypto import SealedJSONField
from portal.core.identifiers import mask_identity
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import EmploymentKind, LeaveReason, StaffPaperKind, StaffPost
from .facility import Facility, Membership

# Who reads names and papers, and may ask for an identity number; the others see numbers of people.
STAFF_READERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR)


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def visible_to(self, user: User) -> StaffMemberQuerySet:
        """The officials who check people, within their reach, and the facility's own members."""
        communities = user.reach(*STAFF_READERS)
        if communities is None:
            return self.all()
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        return self.filter(Q(facility__in=mine) | Q(facility__community__in=communities))

    def present(self) -> StaffMemberQuerySet:
        """Those who work there now."""
        return self.filter(left_on=None)


class StaffMember(Noun):
    """One person in one facility, from the day of joining to the day of leaving."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="staff")
    name = models.CharField(_("姓名"), max_length=40)
    post = models.CharField(_("岗位"), max_length=10, choices=StaffPost)
    employment = models.CharField(
        _("用工方式"), max_length=10, choices=EmploymentKind, default=EmploymentKind.FULL_TIME
    )
    identity = SealedJSONField()
    identity_key = models.CharField(max_length=64, db_index=True)
    phone = SealedJSONField(null=True)
    experience_years = models.PositiveSmallIntegerField(_("相关工作年限"), null=True)
    has_food_duty = models.BooleanField(_("食品安全管理"), default=False)
    class_name = models.CharField(_("所在班级"), max_length=30, blank=True)
    joined_on = models.DateField(_("入职日期"))
    left_on = models.DateField(_("离职日期"), null=True)
    leave_reason = models.CharField(_("离职原因"), max_length=12, choices=LeaveReason, blank=True)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("工作人员")
        verbose_name_plural = _("工作人员")
        ordering = ["post", "joined_on", "id"]
        indexes = [models.Index(fields=["facility", "left_on"], name="staff_present")]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "identity_key"],
                condition=Q(left_on=None),
                name="staff_person_once",
            ),
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("joined_on")), name="staff_left_later"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, leave_reason="")
                | (Q(left_on__isnull=False) & ~Q(leave_reason="")),
                name="staff_left_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.facility.code

    @property
    def masked_identity(self) -> str:
        """The identity number as every page shows it."""
        return mask_identity(self.identity)

    def url_for(self, user: User) -> str:
        """The page on which this person works with the member of staff."""
        if user.is_office:
            return f"{reverse('desk:facility', args=[self.facility.code])}?tab=staff"
        return reverse("my:staff_member", args=[self.pk])


class StaffPaperQuerySet(models.QuerySet["StaffPaper"]):
    def visible_to(self, user: User) -> StaffPaperQuerySet:
        """Whoever sees the person sees the papers."""
        return self.filter(member__in=StaffMember.objects.visible_to(user).values("pk"))

    def in_use(self) -> StaffPaperQuerySet:
        """The current papers of those who work there now: what can run out."""
        return self.filter(is_current=True, member__left_on=None)


class StaffPaper(Noun):
    """A paper a person holds. `expires_on` is what is printed, else reckoned from the day."""

    member = models.ForeignKey(StaffMember, on_delete=models.CASCADE, related_name="papers")
    kind = models.CharField(_("证件"), max_length=14, choices=StaffPaperKind)
    title = models.CharField(_("名称"), max_length=60, blank=True)
    number = models.CharField(_("编号"), max_length=60, blank=True)
    issuer = models.CharField(_("出具单位"), max_length=100, blank=True)
    issued_on = models.DateField(_("出具日期"), null=True)
    valid_until = models.DateField(_("有效期至"), null=True)
    expires_on = models.DateField(_("到期日期"), null=True)
    recorded_on = models.DateField(_("登记日期"))
    is_current = models.BooleanField(default=True)

    objects = StaffPaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("人员证件")
        verbose_name_plural = _("人员证件")
        ordering = ["kind", "-recorded_on"]
        indexes = [
            models.Index(
                fields=["expires_on"], condition=Q(is_current=True), name="staff_paper_expiry"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"],
                condition=Q(is_current=True),
                name="staff_paper_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    @property
    def party(self) -> str:
        """The facility's code, through the person."""
        return self.member.party

    def url_for(self, user: User) -> str:
        """The page of the person who holds it."""
        return self.member.url_for(user)
