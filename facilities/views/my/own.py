"""Whose filing it is: these pages are for the facility's side, whatever other roles one has."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from facilities.models import Facility, Filing
from facilities.models.filing import begun_by
from portal.core.models import User
from portal.core.pages import Request


def my_facilities(user: User) -> QuerySet[Facility]:
    """The facilities the person belongs to."""
    mine = Facility.objects.visible_to(user)
    return mine.filter(memberships__user=user, memberships__left_on=None)


def my_filings(user: User) -> QuerySet[Filing]:
    """The filings the person began, and those of his facilities."""
    own = begun_by(user) | Q(facility__in=my_facilities(user).order_by().values("pk"))
    return Filing.objects.visible_to(user).filter(own)


def own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for an official who sees the filing only because of his office; he has the desk."""

    @wraps(view)
    def page(request: Request, filing: Filing, **kwargs: Any) -> HttpResponse:
        is_maker = filing.is_held_by_maker(request.user)
        if not is_maker and not my_filings(request.user).filter(pk=filing.pk).exists():
            raise PermissionDenied
        return view(request, filing, **kwargs)

    return page
