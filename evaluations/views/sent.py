"""What a form was sent with."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from portal.core.pages import Request


def posted(request: Request) -> QueryDict | None:
    """The boxes of a sent form; an empty form is a sent form too."""
    return request.POST if request.method == "POST" else None


def uploaded(request: Request) -> Any:
    """The files of a sent form."""
    return request.FILES if request.method == "POST" else None
