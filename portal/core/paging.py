"""Numbered pages; a bad page number is the nearest page, never an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

PUBLIC_PAGE = 12
PUBLIC_MOST = 100 * PUBLIC_PAGE  # nobody turns a hundred pages: conditions lead there sooner
STAFF_PAGE = 20
STAFF_SIZES = (20, 50, 100)
STAFF_MOST = 2000  # a multiple of each size
# What belongs to one page and is no part of the filter.
_OF_THE_PAGE = ("show", "target", "done", "say", "act", "pick", "all")


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = STAFF_PAGE
) -> Page[Any]:
    """The page of `rows` named by ?page=; staff lists may ask for ?size= of STAFF_SIZES."""
    size = _asked_size(request) if size == STAFF_PAGE else size
    return Paginator(rows, size).get_page(request.GET.get("page"))


def _asked_size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    return wanted if wanted in STAFF_SIZES else STAFF_PAGE


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and turns only as far as `most` rows, so that neither grows with the register."""

    def __init__(
        self, rows: QuerySet[Any] | Sequence[Any], size: int, most: int, *, known: int | None = None
    ) -> None:
        """`most` is a multiple of `size`: the last page offered is a whole one.

        `known` is the number of rows, or more than `most`, where somebody has counted already.
        """
        super().__init__(rows, size)
        self.rows = rows
        self.most = most
        self.known = known

    @cached_property
    def count(self) -> int:
        """How many rows there are, or `most` where there are more."""
        return min(self._counted, self.most)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self._counted > self.most

    @cached_property
    def _counted(self) -> int:
        if self.known is not None:
            return self.known
        if not isinstance(self.rows, QuerySet):
            return len(self.rows)
        # Counting needs no order; without one the database takes the rows nearest to hand.
        return self.rows.order_by()[: self.most + 1].count()


def public_page(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> Page[Any]:
    """The page of a list for residents named by ?page=, at most a hundred pages of it."""
    return CappedPaginator(rows, PUBLIC_PAGE, PUBLIC_MOST).get_page(request.GET.get("page"))


def staff_page(request: HttpRequest, rows: QuerySet[Any], known: int) -> Page[Any]:
    """The page of a list that grows for ever: `known` rows, counted and turned to STAFF_MOST."""
    pages = CappedPaginator(rows, _asked_size(request), STAFF_MOST, known=known)
    return pages.get_page(request.GET.get("page"))


# --- the filter of a list, on its way to the pages behind it and back ----------------------------


def kept(request: HttpRequest) -> str:
    """The filter of the list, to be carried to the pages behind it and back."""
    query = request.GET.copy()
    for name in _OF_THE_PAGE:
        query.pop(name, None)
    return f"?{query.urlencode()}" if query else ""


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """The same as hidden boxes of a form."""
    names = [name for name in request.GET if name not in _OF_THE_PAGE]
    return [(name, value) for name in names for value in request.GET.getlist(name)]
