"""What a case seals with its own key: without it every copy is unreadable (R10, sec:C11)."""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from portal.core import crypto

CASE, CONTACT, DRAFT = "complaint.case", "complaint.contact", "complaint.draft"


class Erased(Exception):
    """The key has been destroyed; what it sealed can no longer be read by anybody."""


class Vault(models.Model):
    """A row with a data key of its own, wrapped under the key of a purpose."""

    purpose = CASE
    data_key = crypto.WrappedKeyField(null=True, editable=False)

    class Meta:
        abstract = True

    def _binding(self) -> str:
        return f"{self._meta.db_table}.data_key:{self.pk}"

    def make_key(self) -> None:
        """Give the row a fresh key; once, before anything is sealed."""
        key = crypto.new_data_key()
        self._opened = key
        self.data_key = crypto.wrap_key(key, self.purpose, self._binding())

    @property
    def key(self) -> bytes:
        """The data key; Erased once it has been destroyed."""
        opened: bytes | None = self.__dict__.get("_opened")
        if opened is None:
            if self.data_key is None:
                raise Erased(str(self.pk))
            opened = crypto.unwrap_key(bytes(self.data_key), self.purpose, self._binding())
            self._opened = opened
        return opened

    def forget_key(self) -> None:
        """Drop the key from memory and column; the caller saves."""
        self.__dict__.pop("_opened", None)
        self.data_key = None

    def sealed(self, value: Any, place: str) -> bytes:
        """A JSON value sealed for `place`, the name of a column and its row."""
        plain = json.dumps(value, ensure_ascii=False).encode()
        return crypto.seal_with(self.key, plain, f"{self.pk}:{place}")

    def opened(self, token: bytes | memoryview | None, place: str) -> Any:
        """What `sealed` closed; None where there was nothing or the key is gone."""
        if token is None or self.data_key is None:
            return None
        return json.loads(crypto.unseal_with(self.key, bytes(token), f"{self.pk}:{place}"))

    def sealed_bytes(self, content: bytes, place: str) -> bytes:
        """A file sealed for `place`."""
        return crypto.seal_with(self.key, content, f"{self.pk}:{place}")

    def opened_bytes(self, token: bytes, place: str) -> bytes:
        """The file again; Erased once the key is gone."""
        return crypto.unseal_with(self.key, token, f"{self.pk}:{place}")
