"""What is owed: rows written with the act, delivered later, each once."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .base import Noun
from .people import User


class Outbox(models.Model):
    """An effect promised by an act. `dedup_key` makes a second promise of the same thing void."""

    id = models.BigAutoField(primary_key=True)
    dedup_key = models.TextField(unique=True)
    kind = models.TextField()
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    # Given up after the last try; a person may send it again (prod:M6).
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(done_at=None), name="outbox_due"),
            models.Index(
                fields=["failed_at"], condition=Q(failed_at__isnull=False), name="outbox_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedup_key}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> NotificationQuerySet:
        """A message is seen by the person it is for, and nobody else."""
        return self.filter(to=user)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


class Notification(Noun):
    """An in-app message; the inbox every person has whatever other channels there are."""

    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    dedup_key = models.TextField(unique=True)
    kind = models.CharField(max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    body = models.TextField(_("内容"), blank=True)
    url = models.CharField(max_length=200, blank=True)
    noun_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT)
    noun_id = models.UUIDField(null=True)
    noun = GenericForeignKey("noun_type", "noun_id")
    party = models.CharField(max_length=40, blank=True, db_index=True)
    at = models.DateTimeField(_("时间"))
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("站内消息")
        verbose_name_plural = _("站内消息")
        indexes = [
            models.Index(fields=["to", "-at"], name="notification_inbox"),
            models.Index(fields=["to"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.title
