"""The authorities of the city and what each answers for, with dates (transfer matrix)."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.models import Noun, User
from portal.core.roles import Role

DEPARTMENT_READERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR, Role.LEADER, Role.AUDITOR)
DEPARTMENT_KEEPERS = (Role.CLERK, Role.APPROVER)


class DepartmentQuerySet(models.QuerySet["Department"]):
    def visible_to(self, user: User) -> DepartmentQuerySet:
        """Those who keep the list, hand over what a visit or a hint shows, or read of it.

        Complaint handlers choose from it in their form; the page of the list is not theirs.
        """
        return self if user.has_role(*DEPARTMENT_READERS) else self.none()

    def answering(self, on: dt.date) -> DepartmentQuerySet:
        """Those a matter may be handed to on the day, their matters read along."""
        has_matter = DepartmentMatter.objects.in_force(on).filter(department=models.OuterRef("pk"))
        stays = Q(valid_until=None) | Q(valid_until__gte=on)
        return self.filter(stays, models.Exists(has_matter)).prefetch_related("matters")


class Department(Noun):
    """An authority of the city. One that gets another name ends, and the other begins."""

    slug = models.SlugField(_("代号"), unique=True)
    name = models.CharField(_("部门"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("排序"), default=0)
    valid_until = models.DateField(_("最后一天"), null=True, blank=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("移送部门")
        verbose_name_plural = _("移送部门")

    def __str__(self) -> str:
        return self.name

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:department", args=[self.pk])

    def is_over(self, on: dt.date) -> bool:
        """Whether nothing is handed to it any more on the day."""
        return self.valid_until is not None and self.valid_until < on

    def planned_after(self, on: dt.date) -> DepartmentMatter | None:
        """The row that follows after the day, if one is planned."""
        begun_later = (m for m in self.matters.all() if m.valid_from and m.valid_from > on)
        return next(begun_later, None)

    def matter_on(self, on: dt.date) -> str:
        """What it answers for on the day; empty before its first day and after its last."""
        if self.is_over(on):
            return ""
        return next((each.text for each in self.matters.all() if each.counts_on(on)), "")


class MatterQuerySet(models.QuerySet["DepartmentMatter"]):
    def in_force(self, on: dt.date) -> MatterQuerySet:
        """The rows that count on the day."""
        begun = Q(valid_from=None) | Q(valid_from__lte=on)
        return self.filter(begun, Q(valid_to=None) | Q(valid_to__gte=on))


class DepartmentMatter(models.Model):
    """What a department answers for, from a day to a day. A row begins where another ended."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="matters")
    text = models.CharField(_("事项"), max_length=120)
    # None: since before the portal was set up.
    valid_from = models.DateField(_("起始日期"), null=True, blank=True)
    valid_to = models.DateField(_("截止日期"), null=True, blank=True)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ["department", F("valid_from").desc(nulls_last=True)]
        verbose_name = _("部门事项")
        verbose_name_plural = _("部门事项")
        constraints = [
            models.UniqueConstraint(
                fields=["department"], condition=Q(valid_to=None), name="matter_open_once"
            ),
            models.UniqueConstraint(
                fields=["department", "valid_from"], nulls_distinct=False, name="matter_from_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="matter_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def counts_on(self, on: dt.date) -> bool:
        """Whether the row says what the department answers for on the day."""
        begun = self.valid_from is None or self.valid_from <= on
        return begun and (self.valid_to is None or self.valid_to >= on)
