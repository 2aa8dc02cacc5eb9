"""The name a file is shown under. It is never used as a path."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 120
NAMELESS = "未命名"
# An ending worth keeping: a dot and a few Latin letters or digits.
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")
# What Windows refuses in a file name, plus the separators of every system.
_UNSHOWN = re.compile(r'[<>:"|?*]')


def safe_display_name(name: str, *, extension: str = "") -> str:
    """`name` fit to be shown and offered for download; Chinese stays as it is.

    Keeps the last path part, drops control and direction characters, spaces out what Windows
    forbids, and shortens to 120 characters without losing the ending. With `extension`
    the ending is set to what the content really is.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(ch for ch in last if not _is_hidden(ch))
    shown = " ".join(_UNSHOWN.sub(" ", kept).split()).strip(". ")
    stem, ending = _split(shown)
    ending = extension or ending
    return f"{stem[: MAX_LENGTH - len(ending)].rstrip('. ') or NAMELESS}{ending}"


def _is_hidden(ch: str) -> bool:
    """Control, format (among them the direction marks), surrogates, line separators.

    Unassigned and private characters stay: rare surnames are written with them.
    """
    return unicodedata.category(ch) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and ch != "\t"


def _split(shown: str) -> tuple[str, str]:
    found = _ENDING.search(shown)
    if found is None:
        return shown, ""
    return shown[: found.start()], found.group().lower()
