"""Sealed fields: AES-256-GCM with key version and row binding (security.md finding 7).

A value is bound to its table, column and row: moved elsewhere, damaged, or opened with the wrong
key it raises, never returns. The first byte names the algorithm and the second the key version,
so that SM4 can follow AES and keys can be rotated while serving.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from .keyring import keyring

AES_256_GCM = 1
_NONCE_BYTES = 12
# What one blind index costs (security.md W14): with the key stolen, the space of all identity
# numbers still takes core-years to try. 16 MiB and about 50 ms each.
_BLIND_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}


class SealBroken(Exception):
    """The stored value is damaged, belongs to another row, or was sealed with another key."""


def seal(plain: str, binding: str) -> bytes:
    """Encrypt `plain`, bound to `binding` (table, column and row)."""
    ring = keyring()
    nonce = os.urandom(_NONCE_BYTES)
    body = AESGCM(ring.keys[ring.current]).encrypt(nonce, plain.encode(), binding.encode())
    return bytes([AES_256_GCM, ring.current]) + nonce + body


def unseal(token: bytes, binding: str) -> str:
    """Decrypt what `seal` made with the same binding; raises SealBroken otherwise."""
    keys = keyring().keys
    try:
        algorithm, version = token[0], token[1]
        if algorithm != AES_256_GCM:
            raise SealBroken(f"unknown algorithm {algorithm}")
        nonce, body = token[2 : 2 + _NONCE_BYTES], token[2 + _NONCE_BYTES :]
        return AESGCM(keys[version]).decrypt(nonce, body, binding.encode()).decode()
    except (InvalidTag, KeyError, IndexError, ValueError) as fault:
        raise SealBroken("the sealed value cannot be opened") from fault


# Keys of single records: whoever destroys the wrapped key destroys what it sealed (crypto-erasure).


def new_data_key() -> bytes:
    """A fresh key for the contents of one record."""
    return AESGCM.generate_key(bit_length=256)


def wrap_key(key: bytes, purpose: str, binding: str) -> bytes:
    """The data key, sealed under the key of `purpose` and bound to its row."""
    ring = keyring()
    head = bytes([AES_256_GCM, ring.current])
    return head + _sealed_by(_for_purpose(ring.keys[ring.current], purpose), key, binding)


def unwrap_key(token: bytes, purpose: str, binding: str) -> bytes:
    """The data key of `wrap_key`; raises SealBroken when purpose, row or key file differ."""
    keys = keyring().keys
    if len(token) <= 2 + _NONCE_BYTES or token[0] != AES_256_GCM or token[1] not in keys:
        raise SealBroken("the wrapped key cannot be opened")
    return _opened_by(_for_purpose(keys[token[1]], purpose), token[2:], binding)


def seal_with(key: bytes, plain: bytes, binding: str) -> bytes:
    """Encrypt with a data key, bound to `binding` (table, column and row)."""
    return bytes([AES_256_GCM]) + _sealed_by(key, plain, binding)


def unseal_with(key: bytes, token: bytes, binding: str) -> bytes:
    """Decrypt what `seal_with` made; raises SealBroken otherwise."""
    if len(token) <= 1 + _NONCE_BYTES or token[0] != AES_256_GCM:
        raise SealBroken("the sealed value cannot be opened")
    return _opened_by(key, token[1:], binding)


def fingerprint_key(purpose: str) -> bytes:
    """A lasting key for keyed fingerprints of one `purpose`, never rotated."""
    return _for_purpose(keyring().blind, purpose)


def _for_purpose(key: bytes, purpose: str) -> bytes:
    return hmac.new(key, f"purpose:{purpose}".encode(), hashlib.sha256).digest()


def _sealed_by(key: bytes, plain: bytes, binding: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, binding.encode())


def _opened_by(key: bytes, token: bytes, binding: str) -> bytes:
    try:
        return AESGCM(key).decrypt(token[:_NONCE_BYTES], token[_NONCE_BYTES:], binding.encode())
    except (InvalidTag, ValueError) as fault:
        raise SealBroken("the sealed value cannot be opened") from fault


def blind_index(text: str, purpose: str) -> str:
    """A keyed fingerprint of a normalised secret for equality alone; 64 hexadecimal characters.

    Slow on purpose, and different for each `purpose`, so that two tables cannot be joined by it.
    Callers normalise first (identifiers.normalise_identity); the same text gives the same index.
    """
    key = keyring().blind  # apart from the sealing keys: it is never rotated with them
    slow = hashlib.scrypt(
        text.encode(), salt=hmac.new(key, purpose.encode(), hashlib.sha256).digest(), **_BLIND_COST
    )
    return hmac.new(key, slow, hashlib.sha256).hexdigest()


class Token(bytes):
    """A value as it lies in the database, not opened yet."""

    @property
    def version(self) -> int:
        """The version of the key that sealed it; 0 for what is too short to be sealed."""
        return self[1] if len(self) > 1 else 0

    def anew(self, binding: str) -> Token:
        """The same value under the current key; itself when that is the key already."""
        if self.version == keyring().current:
            return self
        return Token(seal(unseal(self, binding), binding))


_TEXT_MARK = "sealed:"
# The library of second factors seals texts, not rows: the column is all they can be bound to.
FACTOR_BINDING = "mfa_authenticator.data"


def seal_text(plain: str, binding: str) -> str:
    """A sealed value as text, for a column of text that a library owns."""
    return _TEXT_MARK + base64.b64encode(seal(plain, binding)).decode()


def unseal_text(text: str, binding: str) -> str:
    """Open what `seal_text` made. Text without its mark is from before and is taken as it is."""
    return unseal(_bytes_of(text), binding) if is_sealed_text(text) else text


def is_sealed_text(text: str) -> bool:
    """Whether `seal_text` made it."""
    return text.startswith(_TEXT_MARK)


def text_version(text: str) -> int:
    """The version of the key that sealed it; 0 for plain text."""
    return Token(_bytes_of(text)).version if is_sealed_text(text) else 0


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(_TEXT_MARK), validate=True)
    except ValueError as fault:
        raise SealBroken("the sealed text is damaged") from fault


class _SealedAttribute:
    """Opens the stored value when it is first asked for."""

    def __init__(self, field: SealedJSONField) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Token):
            value = json.loads(unseal(bytes(value), self.field.binding(instance)))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedJSONField(models.BinaryField):  # type: ignore[type-arg]
    """Any JSON value, sealed at rest. It cannot be filtered or written by update()."""

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:  # ruff: ignore[boolean-type-hint-positional-argument, boolean-default-value-positional-argument]
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _SealedAttribute(self))

    def binding(self, instance: Any) -> str:
        """What the value is bound to: table, column and the row's key."""
        return self.binding_of(instance.pk)

    def binding_of(self, pk: Any) -> str:
        """The same by the key of the row."""
        return f"{self.model._meta.db_table}.{self.column}:{pk}"

    def anew(self, pk: Any, token: Token) -> Token:
        """The value of that row under the current key."""
        return token.anew(self.binding_of(pk))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else Token(bytes(value))

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # ruff: ignore[boolean-type-hint-positional-argument]
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Token):
            return value.anew(self.binding(model_instance))  # never puts an old key back
        if value is None:
            return None
        return Token(seal(json.dumps(value, ensure_ascii=False), self.binding(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # ruff: ignore[boolean-type-hint-positional-argument, boolean-default-value-positional-argument]
        if value is not None and not isinstance(value, Token):
            raise TypeError(f"{self.name} is sealed: save the instance, do not update()")
        return super().get_db_prep_value(value, connection, prepared)


class WrappedKeyField(models.BinaryField):  # type: ignore[type-arg]
    """The data key of a row (`wrap_key`), under the purpose its model names."""

    def binding_of(self, pk: Any) -> str:
        """Table, column and the key of the row."""
        return f"{self.model._meta.db_table}.{self.column}:{pk}"

    def anew(self, pk: Any, token: Token) -> Token:
        """The same data key wrapped under the current key; itself when it is that already."""
        if token.version == keyring().current:
            return token
        purpose: str = self.model.purpose  # type: ignore[attr-defined]
        key = unwrap_key(token, purpose, self.binding_of(pk))
        return Token(wrap_key(key, purpose, self.binding_of(pk)))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else Token(bytes(value))

    def pre_save(self, model_instance: Any, add: bool) -> Any:  # ruff: ignore[boolean-type-hint-positional-argument]
        value = super().pre_save(model_instance, add)
        if value is None:
            return None
        return self.anew(model_instance.pk, Token(bytes(value)))  # never puts an old key back
