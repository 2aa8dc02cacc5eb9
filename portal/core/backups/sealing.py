"""The envelope of a copy: AES-256-GCM piece by piece, so that no copy ever lies open on a disk.

    magic (8) | key id (16) | salt (16) | pieces: length (4), sealed piece ...

Each copy has a key of its own, derived from the key file and the salt. A piece is bound to its
place by the counter in its nonce, and the last one is marked: pieces that were taken away, turned
round or added are found out. The key file is its own, beside no copy: see docs/operations.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"PORTALB1"
PIECE = 1 << 20
_ID, _SALT = 16, 16
_TAG = 16
_HEAD = len(MAGIC) + _ID + _SALT
Sign = Callable[[int], None]


def silent(_piece: int) -> None:
    """For whom nobody waits."""


class KeyMissing(Exception):
    """There is no key file where it should be, or it is none."""


class CopyBroken(Exception):
    """The copy is damaged, cut off, or was sealed with another key."""


def read_key(file: Path) -> bytes:
    """The key of a key file. Raises KeyMissing; none is ever made by reading."""
    try:
        key = base64.b64decode(json.loads(file.read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyMissing(str(file)) from None
    if len(key) != 32:
        raise KeyMissing(str(file))
    return key


def key_id(key: bytes) -> bytes:
    """What a copy says of its key, so that the right one is looked for; opens nothing."""
    return hashlib.sha256(b"portal backup key" + key).digest()[:_ID]


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"portal backup").derive(key))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">QI", number, int(is_last))


class Sealer:
    """A file to write into; what reaches `target` is sealed. `close` marks the end."""

    def __init__(self, target: BinaryIO, key: bytes, sign: Sign = silent) -> None:
        self._sign = sign
        self.target, self.digest, self.size = target, hashlib.sha256(), 0
        self._head = MAGIC + key_id(key) + os.urandom(_SALT)
        self._cipher = _cipher(key, self._head[-_SALT:])
        self._open, self._number = bytearray(), 0
        self._put(self._head)

    def write(self, content: bytes) -> None:
        """Take some more; whole pieces leave at once."""
        self._open += content
        while len(self._open) > PIECE:
            self._piece(bytes(self._open[:PIECE]), is_last=False)
            del self._open[:PIECE]

    def close(self) -> None:
        """The last piece, marked as such."""
        self._piece(bytes(self._open), is_last=True)
        self._open.clear()

    def _piece(self, content: bytes, *, is_last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, is_last=is_last), content, self._head)
        self._number += 1
        self._sign(self._number)
        self._put(struct.pack(">I", len(sealed)) + sealed)

    def _put(self, content: bytes) -> None:
        self.digest.update(content)
        self.size += len(content)
        self.target.write(content)


class Opener:
    """Reads what a Sealer wrote; raises CopyBroken, never gives a byte that is not proved."""

    def __init__(self, source: BinaryIO, key: bytes, sign: Sign = silent) -> None:
        self._sign = sign
        self._head = source.read(_HEAD)
        if len(self._head) < _HEAD or not self._head.startswith(MAGIC):
            raise CopyBroken("not a copy of this portal")
        if self._head[len(MAGIC) : len(MAGIC) + _ID] != key_id(key):
            raise CopyBroken("sealed with another key")
        self._cipher = _cipher(key, self._head[-_SALT:])
        self._pieces = self._proved(source)
        self._open = b""

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes, fewer only at the end."""
        parts, missing = [], count
        while missing:
            if not self._open:
                self._open = next(self._pieces, b"")
                if not self._open:
                    break
            parts.append(self._open[:missing])
            self._open = self._open[missing:]
            missing -= len(parts[-1])
        return b"".join(parts)

    def _proved(self, source: BinaryIO) -> Iterator[bytes]:
        number, following = 0, source.read(4)
        while following:
            length = int.from_bytes(following, "big")
            sealed = source.read(length) if _TAG <= length <= PIECE + _TAG else b""
            following = source.read(4)
            yield self._one(sealed, number, is_last=not following)
            number += 1
            self._sign(number)
        if not number:
            raise CopyBroken("the copy is cut off")

    def _one(self, sealed: bytes, number: int, *, is_last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, is_last=is_last), sealed, self._head)
        except (InvalidTag, ValueError):
            raise CopyBroken(f"piece {number} is damaged or the copy is cut off") from None
