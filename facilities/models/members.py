"""How a person comes to work for a facility: by a code from its manager, or by asking."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import JOINING, JoinStatus
from portal.core.models import Noun, User
from portal.core.roles import Role

from .choices import MemberRole
from .facility import Facility, Membership

J = JoinStatus


def managed_by(user: User) -> models.QuerySet[Facility]:
    """The facilities whose manager this person is."""
    manages = Membership.objects.filter(user=user, left_on=None, role=MemberRole.MANAGER)
    return Facility.objects.filter(pk__in=manages.values("facility"))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> InvitationQuerySet:
        """The facility's managers; nobody else has a use for them."""
        return self.filter(facility__in=managed_by(user).values("pk"))


class Invitation(Noun):
    """A code that makes one person a member, once. Only its fingerprint is kept."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("身份"), max_length=10, choices=MemberRole)
    code_key = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_on = models.DateField(_("有效期至"))
    used_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_by=None) | Q(ended_at__isnull=False), name="invitation_used_ended"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}: {self.get_role_display()}"


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def visible_to(self, user: User) -> JoinRequestQuerySet:
        """The facility's managers, and the clerks of its ground; not the person who asks (R23)."""
        communities = user.reach(Role.CLERK)
        if communities is None:
            return self.all()
        ground = Q(facility__community__in=communities)
        return self.filter(ground | Q(facility__in=managed_by(user).values("pk")))

    def waiting(self) -> JoinRequestQuerySet:
        """Those nobody has answered yet."""
        return self.filter(state=J.WAITING)


class JoinRequest(Noun):
    """A person with the credit code of a registered facility asks to work for it."""

    machine = JOINING

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="join_requests")
    state = models.CharField(_("状态"), max_length=10, choices=JoinStatus, default=J.WAITING)
    asked_at = models.DateTimeField(_("申请时间"))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("加入申请")
        verbose_name_plural = _("加入申请")
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "user"], condition=Q(state=J.WAITING), name="join_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")), name="join_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(state=J.WAITING) | Q(decided_by__isnull=False), name="join_decided"
            ),
            models.CheckConstraint(condition=Q(state__in=J.values), name="join_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.facility}"

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.facility.code

    def url_for(self, user: User) -> str:
        """The page on which this person answers it; whoever asked begins at his own page."""
        if user.is_office:
            return reverse("desk:members", args=[self.facility.code])
        return reverse("my:home") if user.pk == self.user_id else reverse("my:members")
