"""What there is before a complaint is sent, and what is left after it was erased."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.core.models import Job

from .vault import Vault


class ComplaintDraft(models.Model):
    """Answers not sent yet, sealed with a key that only the writer's browser holds.

    Named by a fingerprint of that key: without the browser nobody reads it, the office included.
    """

    fingerprint = models.CharField(primary_key=True, max_length=64)
    body = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("未提交的投诉")
        verbose_name_plural = _("未提交的投诉")

    def __str__(self) -> str:
        return self.fingerprint[:8]


class DraftFile(models.Model):
    """A cleaned file of a draft, sealed with the same key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(ComplaintDraft, on_delete=models.CASCADE, related_name="files")
    number = models.PositiveSmallIntegerField()
    facts = models.BinaryField()
    storage_key = models.CharField(max_length=50)

    class Meta:
        verbose_name = _("未提交的材料")
        verbose_name_plural = _("未提交的材料")

    def __str__(self) -> str:
        return str(self.pk)


class WorkDone(models.Model):
    """A proof of work that was used; it counts once."""

    digest = models.CharField(primary_key=True, max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("已用的计算")
        verbose_name_plural = _("已用的计算")

    def __str__(self) -> str:
        return self.digest[:8]


class OrderList(Vault):
    """A workbook of work orders between its check and its import, sealed under its own key."""

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="+")
    body = models.BinaryField()

    class Meta:
        verbose_name = _("待导入的工单")
        verbose_name_plural = _("待导入的工单")

    def __str__(self) -> str:
        return str(self.pk)


class ErasureProof(models.Model):
    """What was destroyed and when, without its content (prod:L9)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(
        "complaints.Complaint", on_delete=models.PROTECT, related_name="erasures"
    )
    is_contact_only = models.BooleanField(default=False)
    messages = models.PositiveIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    # Letters, requests to the facility and reports whose words were overwritten.
    papers = models.PositiveIntegerField(default=0)
    # SHA-256 over the sealed bytes and the words that were destroyed, in order.
    digest = models.CharField(max_length=64)
    done_on = models.DateField()

    class Meta:
        verbose_name = _("销毁证明")
        verbose_name_plural = _("销毁证明")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "is_contact_only"], name="erased_once")
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.done_on}"
