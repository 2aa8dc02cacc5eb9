"""Official papers of the office, and the counters their numbers come from."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.core.identifiers import new_code

from .attachments import PointingQuerySet
from .base import Noun


class Counter(models.Model):
    """The last number given under a name. Its row is locked while a number is taken."""

    name = models.CharField(max_length=80, unique=True)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "core"
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class PaperStatus(models.TextChoices):
    """Whether a paper still stands."""

    VALID = "valid", _("有效")
    REPLACED = "replaced", _("已变更")
    WITHDRAWN = "withdrawn", _("已撤销")


class OfficialPaperQuerySet(PointingQuerySet):
    """Papers."""

    def valid(self) -> OfficialPaperQuerySet:
        """Those that still stand."""
        return self.filter(status=PaperStatus.VALID)


class OfficialPaper(Noun):
    """A numbered paper with frozen content. PDF and picture are drawn from it, again if need be.

    `title` names the type of paper and never a person or facility: the public check shows it.
    """

    kind = models.SlugField(_("种类"), max_length=50)
    title = models.CharField(_("标题"), max_length=120)
    letterhead = models.CharField(_("发文机关"), max_length=60)
    number = models.CharField(_("文号"), max_length=60, unique=True)
    series = models.SlugField(max_length=40)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    noun_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    noun_id = models.UUIDField()
    noun = GenericForeignKey("noun_type", "noun_id")
    party = models.CharField(max_length=40, blank=True, db_index=True)
    data = models.JSONField()
    verify_code = models.CharField(_("核验码"), max_length=16, unique=True, default=new_code)
    issued_at = models.DateTimeField(_("签发时间"))
    issued_on = models.DateField(_("成文日期"))
    issued_label = models.CharField(_("签发人"), max_length=80)
    status = models.CharField(
        _("状态"), max_length=10, choices=PaperStatus, default=PaperStatus.VALID
    )
    status_reason = models.CharField(_("原因"), max_length=200, blank=True)
    status_on = models.DateField(_("状态日期"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces"
    )
    pdf_key = models.CharField(max_length=50, null=True, blank=True)  # ruff: ignore[django-nullable-model-string-field]
    pdf_sha256 = models.CharField(max_length=64, null=True, blank=True)  # ruff: ignore[django-nullable-model-string-field]
    png_key = models.CharField(max_length=50, null=True, blank=True)  # ruff: ignore[django-nullable-model-string-field]

    objects = OfficialPaperQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["-issued_at", "-id"]
        verbose_name = _("文书")
        verbose_name_plural = _("文书")
        indexes = [models.Index(fields=["noun_type", "noun_id"], name="paper_of_noun")]
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "serial"], name="paper_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=PaperStatus.values), name="paper_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=PaperStatus.REPLACED) ^ Q(replaced_by=None),
                name="paper_replaced_by",
            ),
            models.CheckConstraint(
                condition=Q(status=PaperStatus.VALID)
                | (Q(status_on__isnull=False) & ~Q(status_reason="")),
                name="paper_status_explained",
            ),
            models.CheckConstraint(
                condition=Q(replaced_by=None) | ~Q(replaced_by=F("id")), name="paper_not_own_heir"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    @property
    def is_valid(self) -> bool:
        """Whether the paper still stands."""
        return self.status == PaperStatus.VALID

    @property
    def file_name(self) -> str:
        """The name offered for saving, without ending."""
        return f"{self.title} {self.number}"
