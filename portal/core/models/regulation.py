"""The law as data: dated pack versions, and the calendar of working days."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .base import Noun
from .people import User


class RegulationPack(Noun):
    """One version of one pack, as shipped or as published here by two persons. Never edited."""

    key = models.SlugField(_("规则包"))
    version = models.PositiveIntegerField(_("版本"))
    title = models.CharField(_("名称"), max_length=100)
    content = models.TextField(help_text="JSON as text: jsonb would lose the order of lists")
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, default="shipped")
    loaded_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("规则包版本")
        verbose_name_plural = _("规则包版本")
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="pack_version_once"),
            models.CheckConstraint(
                condition=Q(source="shipped")
                | Q(source="edited", proposed_by__isnull=False, approved_by__isnull=False),
                name="pack_edited_by_two",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="pack_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class CitationCheck(Noun):
    """Two persons have read the article behind a figure; only then is it printed (R30)."""

    figure_key = models.CharField(max_length=100)
    since = models.DateField()
    first_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("条文核实")
        verbose_name_plural = _("条文核实")
        constraints = [
            models.UniqueConstraint(fields=["figure_key", "since"], name="citation_checked_once"),
            models.CheckConstraint(
                condition=Q(second_by=None) | ~Q(second_by=F("first_by")),
                name="citation_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.figure_key


class Holiday(models.Model):
    """A day that differs from its weekday: a holiday, or a weekend that is worked."""

    date = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("是否上班"))
    name = models.CharField(_("名称"), max_length=60, blank=True)
    source = models.CharField(_("来源"), max_length=60)

    class Meta:
        ordering = ["date"]
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class CalendarYear(models.Model):
    """A year whose holidays have been announced or seeded; a missing year warns (design §4)."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    is_official = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.year)
