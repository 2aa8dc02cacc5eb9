"""A list as somebody wants to see it again: its filter under a name, his own or shared."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role

from .base import Noun
from .people import User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, and what colleagues who are still here share of a list one has oneself."""
        shared = Q(is_shared=True, owner__is_active=True, roles__overlap=[*user.role_names])
        return self.filter(Q(owner=user) | shared)


class SavedView(Noun):
    """The chosen conditions of one list; what was typed to search by is never among them.

    `place` is the route of the list, `query` its conditions as the address has them,
    `roles` are those that have the list: with them it is shared, where it is.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    place = models.CharField(max_length=60)
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(max_length=500)
    is_shared = models.BooleanField(_("共享"), default=False)
    roles = ArrayField(models.CharField(max_length=20, choices=Role))

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        app_label = "core"
        verbose_name = _("常用筛选")
        verbose_name_plural = _("常用筛选")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "place", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The list with these conditions."""
        return f"{reverse(self.place)}?{self.query}"

    def belongs_to(self, user: User) -> bool:
        """Whether this person saved it."""
        return self.owner_id == user.pk

    def url_for(self, user: User) -> str:
        """The list with these conditions."""
        return self.url
