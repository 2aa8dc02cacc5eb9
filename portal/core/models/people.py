"""People, their dated roles, and the communities and offices of the street."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.core import clock
from portal.core.identifiers import uuid7
from portal.core.roles import STAFF_ROLES, Role
from portal.core.topics import Topic

from .base import Noun


class Community(Noun):
    """One of the communities (villages) of the street; scope of territorial work."""

    slug = models.SlugField(_("代号"), unique=True)
    name = models.CharField(_("名称"), max_length=30, unique=True)
    is_village = models.BooleanField(_("是否为村"), default=False)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("社区（村）")
        verbose_name_plural = _("社区（村）")

    def __str__(self) -> str:
        return self.name


class Office(Noun):
    """An office of the street, from the annex of the source document."""

    slug = models.SlugField(_("代号"), unique=True)
    name = models.CharField(_("名称"), max_length=30, unique=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)

    class Meta:
        ordering = ["position"]
        verbose_name = _("街道科室")
        verbose_name_plural = _("街道科室")

    def __str__(self) -> str:
        return self.name


class PeopleManager(UserManager["User"]):
    """Django's manager of accounts, and who may see whom."""

    use_in_migrations = False

    def visible_to(self, user: User) -> models.QuerySet[User]:
        """The keepers of the accounts see the staff, present and former; never the operators.

        An account that has not been given any role yet is one of them: it was invited.
        """
        if not user.has_role(Role.APPROVER, Role.SYSADMIN):
            return self.none()
        roles = RoleAssignment.objects.filter(user=OuterRef("pk"))
        return self.filter(Exists(roles.exclude(role=Role.OPERATOR)) | ~Exists(roles))


class User(AbstractUser):
    """A person with an account. What he may do hangs on his dated roles, nothing else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("姓名或岗位"), max_length=40)
    post = models.CharField(_("职务"), max_length=40, blank=True)
    office = models.ForeignKey(
        Office, verbose_name=_("科室"), null=True, blank=True, on_delete=models.PROTECT
    )

    # Which messages also go to `email`; none until the person asks for them.
    mail_topics = ArrayField(
        models.CharField(max_length=10, choices=Topic), default=list, blank=True
    )

    REQUIRED_FIELDS = ["display_name"]

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @property
    def audit_label(self) -> str:
        """Pseudonym for the audit trail: no name, stable, useless outside the portal."""
        return f"person#{self.id.hex[-8:]}"

    def wants_mail(self, topic: str) -> bool:
        """Whether messages of this group also go to the person's e-mail address."""
        return bool(self.email) and topic in self.mail_topics

    @property
    def signature_label(self) -> str:
        """How the person appears on a paper: by post, not by name."""
        return self.post or self.display_name

    @cached_property
    def assignments(self) -> list[RoleAssignment]:
        """The role assignments in force today, read once per request."""
        if not self.is_active:
            return []
        return list(_held_today().filter(user=self))

    @property
    def role_names(self) -> frozenset[str]:
        """The roles in force today."""
        return frozenset(a.role for a in self.assignments)

    def has_role(self, *roles: str) -> bool:
        """Whether one of `roles` is in force today."""
        return bool(self.role_names & set(roles))

    @property
    def is_office(self) -> bool:
        """Whether the person works for the street (and so sees the desk)."""
        return self.has_role(*STAFF_ROLES)

    def deputised(self, role: str) -> RoleAssignment | None:
        """The deputyship under which `role` is held; None where it is held in own right."""
        held = [a for a in self.assignments if a.role == role]
        own = any(a.deputy_for_id is None for a in held)
        return None if own or not held else held[0]

    def communities_of(self, role: str) -> set[uuid.UUID] | None:
        """The communities in which `role` is held: None means the whole street, empty none."""
        held = [a.community_id for a in self.assignments if a.role == role]
        return None if None in held else {c for c in held if c}

    def reach(self, *roles: str) -> set[uuid.UUID] | None:
        """The communities in which any of `roles` is held; None means the whole street."""
        found: set[uuid.UUID] = set()
        for role in roles:
            communities = self.communities_of(role)
            if communities is None:
                return None
            found |= communities
        return found

    @cached_property
    def rights(self) -> frozenset[str]:
        """Every right of the roles in force, read with them once per request."""
        held: list[Any] = list(self.assignments)
        return frozenset(right for each in held for right in each.rights)


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self, on: dt.date) -> RoleAssignmentQuerySet:
        """Assignments whose dates contain `on` (both ends included)."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


class RoleAssignment(Noun):
    """A role given to a person for a time, perhaps in one community, perhaps as a deputy."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(_("角色"), max_length=20, choices=Role)
    community = models.ForeignKey(Community, null=True, blank=True, on_delete=models.PROTECT)
    valid_from = models.DateField(_("起始日期"))
    valid_to = models.DateField(_("截止日期"), null=True, blank=True)
    deputy_for = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="deputies"
    )
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色任命")
        verbose_name_plural = _("角色任命")
        indexes = [models.Index(fields=["user", "role"], name="role_of_user")]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_known"),
            # A deputyship taken back before its first day ends before it begins: it never was.
            models.CheckConstraint(
                condition=Q(valid_to=None)
                | Q(valid_to__gte=F("valid_from"))
                | Q(deputy_for__isnull=False),
                name="role_dates",
            ),
            models.CheckConstraint(
                condition=Q(deputy_for=None) | ~Q(deputy_for=F("user")), name="role_deputy_other"
            ),
            models.CheckConstraint(
                condition=Q(deputy_for=None) | Q(valid_to__isnull=False), name="role_deputy_dated"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Grant(models.Model):
    """A role holds a right. The matrix is data; its defaults are the `by` of the tables."""

    role = models.CharField(max_length=20, choices=Role)
    right = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "right"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.right}"


def _held_today() -> models.QuerySet[RoleAssignment]:
    rights = Grant.objects.filter(role=OuterRef("role")).values("right")
    held = RoleAssignment.objects.in_force(clock.today()).select_related("deputy_for")
    return held.annotate(rights=ArraySubquery(rights))


def with_roles(pk: Any) -> User | None:
    """The person of that key with what he holds today, in one question where he holds something."""
    held = list(_held_today().select_related("user").filter(user=pk, user__is_active=True))
    person = held[0].user if held else User.objects.filter(pk=pk).first()
    if person is not None:
        person.assignments = held
    return person


def with_assignments(people: Iterable[User]) -> list[User]:
    """The same people, each with what he holds today, in one question for all of them."""
    found = list(people)
    held: dict[Any, list[RoleAssignment]] = {person.pk: [] for person in found if person.is_active}
    for each in _held_today().filter(user__in=held):
        held[each.user_id].append(each)
    for person in found:
        person.assignments = held.get(person.pk, [])
    return found


def staff_with(role: str, on: dt.date, community: Any = None) -> models.QuerySet[User]:
    """Active people who hold `role` on the day `on`, in `community` or for the whole street."""
    given = RoleAssignment.objects.in_force(on).filter(role=role)
    if community is not None:
        given = given.filter(Q(community=None) | Q(community=community))
    return User.objects.filter(is_active=True, pk__in=given.values("user")).order_by("id")
