"""Files other people hand in, and the way every ground table points to a noun it does not know."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.files import THUMBNAIL_SIDES

from .base import Noun
from .people import User


class PointingQuerySet(models.QuerySet[Any]):
    """Rows that belong to a noun of any app (ruling R25)."""

    def of(self, noun: models.Model) -> Self:
        """The rows of this noun."""
        kind = ContentType.objects.get_for_model(noun)
        return self.filter(noun_type=kind, noun_id=noun.pk)

    def visible_to(self, user: Any) -> Self:
        """Rows whose noun the user may see: each noun's own model is asked, once per kind."""
        kinds = self.order_by().values_list("noun_type", flat=True).distinct()
        reach = Q(pk__in=[])
        for kind in kinds:
            model = ContentType.objects.get_for_id(kind).model_class()
            if model is not None:
                nouns = model.objects.visible_to(user)  # type: ignore[attr-defined]
                reach |= Q(noun_type=kind, noun_id__in=nouns.order_by().values("pk"))
        return self.filter(reach)


class AttachmentQuerySet(PointingQuerySet):
    """Attachments."""

    def present(self) -> Self:
        """Those that have not been removed."""
        return self.filter(removed_at=None)


class Attachment(Noun):
    """A file as it was cleaned and stored; never the bytes that were received."""

    noun_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    noun_id = models.UUIDField()
    noun = GenericForeignKey("noun_type", "noun_id")
    party = models.CharField(max_length=40, blank=True, db_index=True)
    slot = models.CharField(_("材料"), max_length=60, blank=True)
    display_name = models.CharField(_("文件名"), max_length=120)
    media_type = models.CharField(_("类型"), max_length=40)
    size = models.PositiveIntegerField(_("大小"))
    pages = models.PositiveSmallIntegerField(_("页数"), null=True, blank=True)
    width = models.PositiveSmallIntegerField(null=True, blank=True)
    height = models.PositiveSmallIntegerField(null=True, blank=True)
    sha256_received = models.CharField(max_length=64)
    sha256_stored = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=50, unique=True)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    removed_at = models.DateTimeField(_("移除时间"), null=True, blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["uploaded_at", "id"]
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        indexes = [models.Index(fields=["noun_type", "noun_id"], name="attachment_of_noun")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_image(self) -> bool:
        """Whether the file can be shown as a picture."""
        return self.media_type.startswith("image/")

    @property
    def thumbnail_sides(self) -> tuple[int, ...]:
        """The longest sides of the smaller copies that were made."""
        longest = max(self.width or 0, self.height or 0)
        return tuple(side for side in THUMBNAIL_SIDES if side < longest)
