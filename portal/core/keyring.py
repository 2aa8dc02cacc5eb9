"""The key file: which keys seal and open, read again when the file has changed.

    {"current": 2, "keys": {"1": "…", "2": "…"}, "blind": "…"}

Processes that serve notice a new version at their next use of it; no restart is needed.
A file that vanishes or is damaged while a process serves does not take its keys from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

KEY_BYTES = 32
LAST_VERSION = 255
Stamp = tuple[int, int, int]

logger = logging.getLogger(__name__)


class KeyFileError(RuntimeError):
    """The key file is missing, damaged, or cannot take another key."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Every key of the file, the version that seals, and the key of the blind indexes."""

    current: int
    keys: Mapping[int, bytes]
    blind: bytes


_held: dict[str, tuple[Stamp, Keyring]] = {}


def keyring() -> Keyring:
    """The keys as the file has them now; made on first use where that is allowed."""
    path = Path(settings.KEY_FILE)
    held = _held.get(str(path))
    try:
        stamp = _stamp(path)
    except FileNotFoundError:
        if held:
            return held[1]
        _make_or_refuse(path)
        stamp = _stamp(path)
    if held and held[0] == stamp:
        return held[1]
    return _read_again(path, stamp, held)


def _read_again(path: Path, stamp: Stamp, held: tuple[Stamp, Keyring] | None) -> Keyring:
    try:
        ring = _parsed(path)
    except KeyFileError:
        if held is None:
            raise
        logger.exception("the key file was changed and cannot be read; the keys held are kept")
        _held[str(path)] = (stamp, held[1])
        return held[1]
    for problem in problems(path):
        logger.warning(problem)
    _held[str(path)] = (stamp, ring)
    return ring


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _make_or_refuse(path: Path) -> None:
    if settings.PRODUCTION:
        raise KeyFileError(f"key file {path} is missing; see docs/operations.md")
    make_key_file(path)


def _parsed(path: Path) -> Keyring:
    try:
        content = _content(path)
        keys = {int(version): _key(text) for version, text in content["keys"].items()}
        current = int(content["current"])
        blind = _key(content["blind"]) if "blind" in content else _derived_blind(keys[1])
    except (KeyError, ValueError, TypeError, AttributeError) as fault:
        raise KeyFileError(f"key file {path} is damaged ({type(fault).__name__})") from fault
    if current not in keys or not all(0 < version <= LAST_VERSION for version in keys):
        raise KeyFileError(f"key file {path} names a version that it does not hold")
    return Keyring(current, keys, blind)


def _content(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TypeError("not an object")
    return content


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as fault:
        raise ValueError("not base64") from fault
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return key


def _derived_blind(first: bytes) -> bytes:
    """The key of the blind indexes of a file that does not name it: made from the first key."""
    return hmac.new(first, b"blind index", hashlib.sha256).digest()


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def make_key_file(path: Path) -> None:
    """A file with one new key; of two that start at once the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = _written(path, {"current": 1, "keys": {"1": _text(os.urandom(KEY_BYTES))}})
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def add_version(path: Path) -> int:
    """Add a key under the next number and let it seal from now on; returns the number."""
    ring = _parsed(path)
    version = max(ring.keys) + 1
    if version > LAST_VERSION:
        raise KeyFileError(f"key file {path} holds version {LAST_VERSION}, the last there can be")
    _replace(path, Keyring(version, {**ring.keys, version: os.urandom(KEY_BYTES)}, ring.blind))
    return version


def retire_old(path: Path) -> list[int]:
    """Keep the current key alone; returns the numbers that went. Ask first who still needs them."""
    ring = _parsed(path)
    gone = sorted(version for version in ring.keys if version != ring.current)
    _replace(path, Keyring(ring.current, {ring.current: ring.keys[ring.current]}, ring.blind))
    return gone


def _replace(path: Path, ring: Keyring) -> None:
    content = {
        "current": ring.current,
        "keys": {str(version): _text(key) for version, key in sorted(ring.keys.items())},
        "blind": _text(ring.blind),
    }
    temporary = _written(path, content)
    owner = path.stat()
    try:
        if os.geteuid() == 0:  # the file stays with whom it belongs to
            os.chown(temporary, owner.st_uid, owner.st_gid)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _written(path: Path, content: Mapping[str, Any]) -> Path:
    """A file beside the final place, for its owner alone and on the disk."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    return temporary


def problems(path: Path) -> list[str]:
    """What is wrong with how the file lies there, in words for the administrator."""
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return [f"key file {path} can be read by others (mode {mode & 0o777:o}); chmod 600 it"]
    return []
