"""What was typed when the session ended: kept sealed for a while, offered again after signing in.

A form that is sent without a session would be lost at the login page. Its words (not its files)
wait in the new session, sealed and bound to the page, until the same browser has signed in; then
the page asks whether to send them after all. Nothing is sent without that press.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from . import clock, crypto

KEPT_SECONDS = 30 * 60
MOST_BYTES = 200_000
_KEY = "typed"


def keep(request: HttpRequest, whose: str = "") -> bool:
    """Keep the words of a form that nobody signed in has sent; False when there is nothing.

    `whose` is the person who had been signed in, where that is known: nobody else gets them.
    """
    if request.method != "POST" or request.headers.get("HX-Request"):
        return False
    path = request.get_full_path()
    words = [
        (name, value)
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken"
        for value in values
    ]
    text = json.dumps(words, ensure_ascii=False)
    if not words or len(text.encode()) > MOST_BYTES:
        return False
    at = int(clock.now().timestamp())
    request.session[_KEY] = {"path": path, "at": at, "words": _seal(text, path), "whose": whose}
    return True


def take(request: HttpRequest) -> list[tuple[str, str]]:
    """The words kept for exactly this page, once; empty when there are none or they are old."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or kept["path"] != request.get_full_path():
        return []
    del request.session[_KEY]
    if kept["whose"] not in {"", str(request.user.pk)}:
        return []
    if clock.now().timestamp() - kept["at"] > KEPT_SECONDS:
        return []
    try:
        text = crypto.unseal(bytes.fromhex(kept["words"]), _binding(kept["path"]))
    except crypto.SealBroken:  # its key was retired meanwhile
        return []
    return [(name, value) for name, value in json.loads(text)]


def _seal(text: str, path: str) -> str:
    return crypto.seal(text, _binding(path)).hex()


def _binding(path: str) -> str:
    return f"typed:{path}"
