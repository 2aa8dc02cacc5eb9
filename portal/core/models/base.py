"""The base of every noun."""

from __future__ import annotations

import uuid

from django.db import models

from portal.core.identifiers import uuid7


class Noun(models.Model):
    """Anything that has a life of its own: a time-ordered UUID, never a row number, names it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True

    @property
    def ref(self) -> uuid.UUID:
        """The key under which the audit trail and the ground tables point to this noun."""
        return self.id
