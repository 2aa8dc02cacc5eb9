"""What the office says of itself, the copies it keeps, and the signs of life of its machines."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role

from .base import Noun
from .people import User


class OfficeSetting(models.Model):
    """One thing the office has decided here; without a row the environment's word holds."""

    name = models.SlugField(primary_key=True, max_length=30)
    value = models.CharField(max_length=400, blank=True)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("站点设置")
        verbose_name_plural = _("站点设置")

    def __str__(self) -> str:
        return self.name


# What stands on pages and papers (settings.SITE), and the two things no environment knows.
LETTERHEAD, MFA_ROLES = "letterhead", "mfa_roles"


def office_words(decided: Mapping[str, str] | None = None) -> dict[str, str]:
    """The office's settings by name: the environment's, over them what was `decided` here.

    Without `decided` the table is asked.
    """
    if decided is None:
        decided = dict(OfficeSetting.objects.values_list("name", "value"))
    words = {name: str(value) for name, value in settings.SITE.items()}
    words |= {LETTERHEAD: "", MFA_ROLES: ",".join(settings.MFA_ROLES)}
    return {**words, **decided}


class BackupQuerySet(models.QuerySet["Backup"]):
    def visible_to(self, user: User) -> BackupQuerySet:
        """The administrator keeps the copies."""
        return self.all() if user.has_role(Role.SYSADMIN) else self.none()

    def kept(self) -> BackupQuerySet:
        """Those whose file should still be there."""
        return self.filter(error="", removed_at=None)


class Backup(Noun):
    """One sealed copy of database and files, or the night on which none came about."""

    day = models.DateField(_("日期"))
    made_at = models.DateTimeField(_("时间"))
    is_nightly = models.BooleanField(_("每晚自动"), default=False)
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("文件"), max_length=80, blank=True)
    size = models.BigIntegerField(_("大小"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(_("行数"), default=0)
    files = models.IntegerField(_("文件数"), default=0)
    audit_seq = models.BigIntegerField(_("日志行号"), default=0)
    error = models.CharField(_("原因"), max_length=300, blank=True)
    removed_at = models.DateTimeField(_("清理时间"), null=True)
    drilled_at = models.DateTimeField(_("演练时间"), null=True)
    drilled_well = models.BooleanField(_("演练结果"), null=True)

    objects = BackupQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = _("备份")
        verbose_name_plural = _("备份")
        indexes = [models.Index(fields=["-made_at", "-id"], name="backup_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["day"], condition=Q(is_nightly=True, error=""), name="backup_once_a_night"
            ),
            models.CheckConstraint(
                condition=Q(error="", name__gt="") | (~Q(error="") & Q(name="")),
                name="backup_has_a_file_or_a_fault",
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.day)

    def url_for(self, user: User) -> str:
        """The list of the copies."""
        return reverse("desk:backups")


class Heartbeat(models.Model):
    """When a part of the machinery last did its round; a part that is dead does not say so.

    Each job of the calendar is a part. Of a fault only the kind is kept: its words may tell about
    people.
    """

    name = models.CharField(primary_key=True, max_length=120)
    at = models.DateTimeField(null=True)  # last gone through; none where it never did
    waiting_since = models.DateTimeField(null=True)  # its turn came and it has not gone through
    failed_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row, since it last went through
    fault = models.CharField(blank=True, max_length=80)

    def __str__(self) -> str:
        return self.name
