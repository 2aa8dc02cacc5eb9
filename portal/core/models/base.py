"""The base of every noun."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from portal.core.identifiers import uuid7


class Noun(models.Model):
    """Anything that has a life of its own: a time-ordered UUID, never a row number, names it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    # What every page about one such noun shows of its neighbours, read together with it.
    shown_with: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @property
    def ref(self) -> uuid.UUID:
        """The key under which the audit trail and the ground tables point to this noun."""
        return self.id
