"""The keys of an office: made once, outside the database, readable by their owner alone.

`python -m portal.embedded.keys` makes what is missing in PORTAL_STATE/keys (in a container too)
and says where they are. An existing key is never touched: it cannot be made again.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key, where it lies, what it is for, whether it is new and whether others may read it."""

    file: Path
    means: str
    is_new: bool
    is_open: bool


def folder(environment: Mapping[str, str]) -> Path:
    """Where the keys lie unless the environment names a place for one."""
    return Path(environment.get("PORTAL_STATE") or BASE / "var") / "keys"


def places(environment: Mapping[str, str]) -> dict[str, tuple[Path, str]]:
    """Each key with its place and what it is for."""
    home = folder(environment)
    seal = Path(environment.get("PORTAL_KEY_FILE") or home / "seal.json")
    backup = Path(environment.get("BACKUP_KEY_FILE") or home / "backup.json")
    return {
        "secret": (home / "secret_key", "登录签名 / signs sessions; may be made anew"),
        "seal": (seal, "打开加密字段，丢了就再也打不开 / opens the sealed columns"),
        "backup": (backup, "打开备份，丢了备份就打不开 / opens the copies"),
    }


def ensure(
    environment: Mapping[str, str], only: Collection[str] = ("secret", "seal", "backup")
) -> list[KeyFile]:
    """Make what is missing of `only`; returns these."""
    texts = {"secret": _secret, "seal": _seal, "backup": _backup}
    return [
        KeyFile(file, means, _make(file, texts[name]()), _is_open(file))
        for name, (file, means) in places(environment).items()
        if name in only
    ]


def _secret() -> str:
    return secrets.token_urlsafe(48)


def _seal() -> str:
    return json.dumps({"current": 1, "keys": {"1": _random()}})


def _backup() -> str:
    return json.dumps({"key": _random()})


def _random() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _make(file: Path, text: str) -> bool:
    """Complete or not at all, and of two that begin at once the first one wins."""
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.link(partial, file)
    except FileExistsError:
        return False
    finally:
        partial.unlink()
    return True


def _is_open(file: Path) -> bool:
    return bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def told(keys: list[KeyFile]) -> str:
    """What a person reads about them, once and on the screen."""
    lines = ["钥匙 / keys:"]
    for key in keys:
        state = "新建 new" if key.is_new else "已有 kept"
        lines += [f"  {state}  {key.file}", f"        {key.means}"]
        if key.is_open:
            lines.append("        别人也能读，请改为 0600 / others may read it: chmod 600")
    lines += [
        "请把 seal.json 和 backup.json 抄录或拷贝两份，由两个人分开保管，不要和备份放在一起。",
        "Keep two copies of seal.json and backup.json with two persons, never beside the backups.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(told(ensure(os.environ)) + "\n")
