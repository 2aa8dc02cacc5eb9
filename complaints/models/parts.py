"""What belongs to a case: who complained (apart, another key), messages, files, the timeline."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import User

from .case import Complaint
from .choices import MessageKind, StepKind
from .vault import CONTACT, Vault


class ComplaintContact(Vault):
    """Who complained: `name`, `phone`, `times`, `call_back`; opened by two, with a reason."""

    purpose = CONTACT

    complaint = models.OneToOneField(
        Complaint, primary_key=True, on_delete=models.CASCADE, related_name="contact"
    )
    body = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("投诉人联系方式")
        verbose_name_plural = _("投诉人联系方式")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def told(self) -> dict[str, Any]:
        """In full. Only `queries.contact_of` hands it on, and only to whom it was granted."""
        return self.opened(self.body, "contact") or {}


class Part(models.Model):
    """A piece of a case; random id, the day only, a place in the order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seq = models.PositiveIntegerField()
    on_day = models.DateField(_("日期"))

    class Meta:
        abstract = True


class ComplaintMessage(Part):
    """What was written between the office and the complainant, both ways."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="messages")
    from_office = models.BooleanField()
    kind = models.CharField(max_length=12, choices=MessageKind, default=MessageKind.MESSAGE)
    body = models.BinaryField(null=True)
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("往来消息")
        verbose_name_plural = _("往来消息")
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "seq"], name="message_order"),
            models.CheckConstraint(
                condition=models.Q(from_office=True) | models.Q(written_by=None),
                name="message_of_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}:{self.seq}"

    @property
    def text(self) -> str:
        """The words; empty once they are erased."""
        return str(self.complaint.opened(self.body, f"message:{self.pk}") or "")


class ComplaintFile(Part):
    """A cleaned file, sealed with the case's key under a random name outside the database."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="files")
    from_office = models.BooleanField(default=False)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    # Sealed: `name` as shown, `sha256` as received.
    facts = models.BinaryField(null=True)
    storage_key = models.CharField(max_length=50, blank=True)

    class Meta:
        verbose_name = _("投诉材料")
        verbose_name_plural = _("投诉材料")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["complaint", "seq"], name="file_order")]

    def __str__(self) -> str:
        return f"{self.complaint_id}:{self.seq}"

    @property
    def told(self) -> dict[str, Any]:
        """Name and fingerprint."""
        return self.complaint.opened(self.facts, f"file:{self.pk}") or {}

    @property
    def display_name(self) -> str:
        """The name as it is shown to those who see the case."""
        return str(self.told.get("name", ""))

    @property
    def is_image(self) -> bool:
        """Whether it can be shown as a picture."""
        return self.media_type.startswith("image/")


class CaseStep(Part):
    """A line of the timeline; `text` names references only, what people wrote is sealed."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    text = models.CharField(max_length=200, blank=True)
    note = models.BinaryField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("办理记录")
        verbose_name_plural = _("办理记录")
        ordering = ["-seq"]
        constraints = [models.UniqueConstraint(fields=["complaint", "seq"], name="step_order")]

    def __str__(self) -> str:
        return f"{self.complaint_id}: {self.kind}"

    @property
    def note_text(self) -> str:
        """What was noted; empty once erased."""
        return str(self.complaint.opened(self.note, f"step:{self.pk}") or "")
