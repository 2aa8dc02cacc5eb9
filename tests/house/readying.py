"""What has to come first before a form can be taken, and what only who fills it in can know.

The table of rights asks for pages; it does not care whether their acts are possible just then. Here
the object of a page is brought, through the acts, to where the act of its form is the next one, and
the form is given the code, the number or the workbook that a page does not show. All of it is
undone when the inputs of the form are through, so that no other form is met by it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.test import Client

from tests.house.forms_found import Found, forms_of, name_of

OWN = "own"


@dataclass(frozen=True)
class Ready:
    """The page on which the form stands now, what is typed, and what else could have been."""

    page: str = ""
    typed: dict[str, list[Any]] = field(default_factory=dict)
    others: dict[str, list[Any]] = field(default_factory=dict)


Maker = Callable[[Any, Found], Ready]


@contextmanager
def readied(world: Any, form: Found, makers: dict[str, Maker]) -> Generator[Found]:
    """The form once what has to come first is done; as it was found where nothing has to."""
    maker = makers.get(name_of(form))
    if maker is None:
        yield form
        return
    client = world.clients[form.actor]
    with undone(), same_browser(client):
        ready = maker(world, form)
        made = again(client, form, ready.page or form.page)
        if ready.typed.keys() <= made.values.keys():  # of several forms sent there the one meant
            made.values |= ready.typed
            made.others |= ready.others
        yield made


def again(client: Client, form: Found, page: str) -> Found:
    """The same form on a page as it is now: by its fields, or else the first that is sent there."""
    name = name_of(form)
    found = [each for each in forms_of(client, form.actor, page) if name_of(each) == name]
    assert found, f"{page} has no form {name}"
    return next((each for each in found if sorted(each.names) == sorted(form.names)), found[0])


@contextmanager
def undone() -> Generator[None]:
    """Whatever is written in here is taken back."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def same_browser(client: Client) -> Generator[None]:
    """What the client holds afterwards is what it held before."""
    came = {name: each.value for name, each in client.cookies.items()}
    try:
        yield
    finally:
        client.cookies = SimpleCookie(came)
