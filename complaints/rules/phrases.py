"""Reusable phrases with the facts of a case put in."""

from __future__ import annotations

from collections.abc import Mapping


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The phrase with each {name} that is known replaced; what nobody knows stays as written."""
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text
