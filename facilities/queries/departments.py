"""The departments: whom a matter may be handed to on a day, and the whole list of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Q

from facilities.models import Department
from facilities.models.departments import DepartmentQuerySet
from portal.core.models import User


def answering(day: dt.date) -> DepartmentQuerySet:
    """The authorities a matter may be handed to on the day, their matters read along."""
    return Department.objects.answering(day)


def named_on(day: dt.date, kept: Sequence[str] = ()) -> DepartmentQuerySet:
    """Those that answer on the day, and those `kept` by name or code though they have ended."""
    known = Q(pk__in=answering(day).values("pk")) | Q(name__in=kept) | Q(slug__in=kept)
    return Department.objects.filter(known)


def named_from(day: dt.date, kept: Sequence[str] = ()) -> DepartmentQuerySet:
    """Those that answer on the day or later, and those `kept` by name; matters read along."""
    stays = Q(valid_until=None) | Q(valid_until__gte=day) | Q(name__in=kept)
    return Department.objects.filter(stays).prefetch_related("matters")


def all_departments(user: User) -> DepartmentQuerySet:
    """Every department, those that have ended too, the matters read along."""
    return Department.objects.visible_to(user).prefetch_related("matters")
