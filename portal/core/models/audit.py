"""The audit trail: append-only, hash-chained by the database itself (security.md §4.3)."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One line: who did what to which noun. No foreign keys, no personal values (R27)."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(help_text="the time of the act, as handed to it")
    recorded_at = models.DateTimeField(help_text="the database's clock, set by the trigger")
    actor_id = models.UUIDField(null=True)
    actor_label = models.TextField()
    actor_role = models.TextField()
    act = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    detail = models.JSONField(default=dict)
    request_id = models.UUIDField(null=True)
    txid = models.BigIntegerField()
    prev_hash = models.BinaryField()
    hash = models.BinaryField(unique=True)

    class Meta:
        db_table = "audit_event"
        ordering = ["-seq"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["object_type", "object_id", "-seq"], name="audit_object"),
            models.Index(fields=["actor_id", "-seq"], name="audit_actor"),
            models.Index(fields=["act", "-seq"], name="audit_act"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.object_type}"

    @property
    def facts(self) -> list[tuple[str, object]]:
        """The detail as pairs; a template would take a fact called `items` for all of them."""
        return list(self.detail.items())
