"""Keeping a list's conditions under a name: saved, renamed, shared, thrown away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from .actors import Actor
from .models import SavedView
from .workflow import action, lock, one_at_a_time, record

# More than stand over a list without hiding it.
MOST_VIEWS = 20


class TooManyViews(Exception):
    """The person keeps as many of this list as one may."""


class NameTaken(Exception):
    """The person keeps another one of this list under the name."""


@action
def save_view(
    place: str,
    name: str,
    query: str,
    *,
    roles: Iterable[str],
    is_shared: bool,
    by: Actor,
    at: dt.datetime,
) -> SavedView:
    """Keep the conditions under the name; the same name again holds the newer conditions.

    `roles` are those that have the list.
    """
    one_at_a_time(f"saved view:{by.somebody.pk}:{place}")
    mine = SavedView.objects.filter(owner=by.somebody, place=place)
    known = mine.filter(name=name).first()
    if known is None and mine.count() >= MOST_VIEWS:
        raise TooManyViews
    view: SavedView = known or SavedView(owner=by.somebody, place=place, name=name)
    view.query, view.roles, view.is_shared = query, sorted(roles), is_shared
    view.save()
    record(view, "view.saved", by=by, at=at, place=place, shared=view.is_shared)
    return view


@action
def change_view(
    view: SavedView, name: str, *, is_shared: bool, by: Actor, at: dt.datetime
) -> SavedView:
    """Another name, or other people; by whoever saved it. Raises SavedView.DoesNotExist."""
    one_at_a_time(f"saved view:{by.somebody.pk}:{view.place}")
    own: SavedView = _own(view, by)
    others = SavedView.objects.filter(owner=own.owner_id, place=own.place).exclude(pk=own.pk)
    if others.filter(name=name).exists():
        raise NameTaken
    own.name, own.is_shared = name, is_shared
    own.save(update_fields=["name", "is_shared"])
    record(own, "view.changed", by=by, at=at, shared=own.is_shared)
    return own


@action
def delete_view(view: SavedView, *, by: Actor, at: dt.datetime) -> None:
    """Throw it away; the cases it listed stay as they are. Twice is once."""
    try:
        own = _own(view, by)
    except SavedView.DoesNotExist:
        return
    record(own, "view.deleted", by=by, at=at, place=own.place)
    own.delete()


def _own(view: SavedView, by: Actor) -> SavedView:
    found: SavedView = lock(view)
    if not found.belongs_to(by.somebody):
        raise PermissionDenied("view.change")
    return found
