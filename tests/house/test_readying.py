"""What is made ready for a form is there while it is sent, and gone when its inputs are through."""

import pytest
import time_machine

from portal.core.models import User
from tests.house.forms_at_large import is_taken, posted
from tests.house.matrix import MATRIX
from tests.house.readying import readied
from tests.house.test_every_form import READY, every_form
from tests.house.test_matrix import AT, World

NAME = "new.colleague"


def test_only_routes_that_are_there_are_made_ready():
    assert READY.keys() <= MATRIX.keys()


@pytest.mark.django_db
def test_what_is_made_ready_is_taken_and_then_undone():
    with time_machine.travel(AT, tick=False):
        world = World()
        (form,) = every_form(world, ["account_invited"], 1).values()
        client, people = world.clients[form.actor], User.objects.filter(username=NAME)
        assert not is_taken(posted(client, form, form.values))
        before = {name: each.value for name, each in client.cookies.items()}
        with readied(world, form, READY) as ready:
            assert people.exists()
            assert is_taken(posted(client, ready, ready.values))
            client.cookies["session"] = "another"
        assert not people.exists()
        assert {name: each.value for name, each in client.cookies.items()} == before
