"""Sentences of Django's own, which no page of ours ever says: known when they are seen.

Each is looked for in every language of the portal, by its longest piece without a value, as it
stands in a page. The pattern is compiled once a process: every answer to every form is looked
through with it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.forms import BaseFormSet
from django.utils.html import escape
from django.utils.translation import override

from portal.core import wording

SHORT = 5  # pieces of so few characters stand in sentences of ours as well
_VALUE = re.compile(r"%\(\w+\)[a-z]|%[a-z]")


def _said(message: Any) -> str:
    """The sentence with gaps where its values stand; one that counts says nothing without them."""
    counts = ("limit_value", "show_value", "max", "length", "num")
    said = str(message) or str(message % dict.fromkeys(counts, _NUMBER))
    return said.replace(str(_NUMBER), "%s")


_NUMBER = 7_654_321  # that no sentence says by itself


def _words_of_django() -> set[str]:
    """The longest plain piece of each sentence that Django says by itself, as read now."""
    messages = [
        *wording._default_messages()[1],
        *BaseFormSet.default_error_messages.values(),
    ]
    pieces = [
        max(_VALUE.split(_said(message)), key=len).strip(" “”'：:。.")
        for message in messages
        if not isinstance(message, dict)
    ]
    return {piece for piece in pieces if len(piece) > SHORT}


@cache
def _pattern() -> re.Pattern[str]:
    words: set[str] = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            words |= _words_of_django()
    words |= {escape(piece) for piece in words}
    # The longer first: what is found is then the whole piece.
    return re.compile("|".join(map(re.escape, sorted(words, key=lambda each: (-len(each), each)))))


def foreign_words(text: str) -> list[str]:
    """Sentences of Django that stand on a page."""
    return sorted(set(_pattern().findall(text)))
