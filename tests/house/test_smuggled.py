"""What a form does not offer, sent along with it: columns of its rows, and things out of reach.

Every form of every page is sent soundly, then once more with the names of all columns added that it
does not ask for. Whatever is written must be the same. What differs anyhow from one sending to the
next (keys, numbers drawn by chance, sealed values) is told by sending the sound form twice.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine
from django import forms
from django.apps import apps
from django.db import connection, models

from portal.core.models import Community
from tests.house.forms_at_large import is_taken, posted
from tests.house.forms_found import Found
from tests.house.matrix import MATRIX
from tests.house.test_every_form import every_form, name_of
from tests.house.test_matrix import AT, FOREIGN, ROUTES, SHARES, World, share_of

pytestmark = [pytest.mark.django_db, pytest.mark.full]
OURS = {"core", "facilities", "inspections", "evaluations", "complaints"}
WORDS, NUMBER, DAY = "外来的话", 987_654_321, "2031-03-03"
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
Write = tuple[str, tuple[str, ...]]
# Not a column: who typed it, on a telephone that several use. Another's is refused altogether.
ASKED_BY_VIEWS = {"desk:field": {"person"}, "desk:field_other": {"person"}}


# --- what is added --------------------------------------------------------------------------------


def value_for(column: Any) -> str:
    """Something the column would take, told again wherever it turns up."""
    if choices := [str(key) for key, _label in getattr(column, "flatchoices", ()) if key]:
        return choices[-1]
    if column.is_relation:
        known = column.related_model._base_manager.order_by("-pk").values_list("pk", flat=True)
        return str(known.first() or NUMBER)
    for kind, value in (
        (models.BooleanField, "on"),
        (models.DateTimeField, f"{DAY} 03:03"),
        (models.DateField, DAY),
        (models.TimeField, "03:03"),
        (models.DecimalField | models.FloatField, "98765.25"),
        (models.IntegerField | models.AutoField, str(NUMBER)),
        (models.UUIDField, "98765432-1987-4654-9321-987654321987"),
        (models.JSONField, f'{{"{WORDS}": 1}}'),
    ):
        if isinstance(column, kind):
            return value
    return WORDS


def columns(first: type | None) -> dict[str, str]:
    """A value for every column of ours, by both its names; those of the page's noun go before."""
    kinds = [kind for kind in apps.get_models() if kind._meta.app_label in OURS]
    kinds.sort(key=lambda kind: kind is not first)
    found: dict[str, str] = {}
    for kind in kinds:
        for column in kind._meta.concrete_fields:
            if column.name not in found:
                found[column.name] = found[column.attname] = value_for(column)
    return found


# --- what is written ------------------------------------------------------------------------------


@contextmanager
def noted() -> Generator[list[Write]]:
    """The statements that write, with what they write."""
    found: list[Write] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if WRITE.match(sql):
            rows = params if many else [params or ()]
            found.append((sql, tuple(_plain(each) for row in rows for each in row)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def _plain(value: Any) -> str:
    return repr(getattr(value, "obj", value))


@contextmanager
def asked() -> Generator[set[str]]:
    """The names that the forms of a page themselves ask for, whether it draws them or not."""
    found: set[str] = set()
    clean = forms.BaseForm.full_clean

    def noting(form: Any) -> None:
        found.update(form.add_prefix(name) for name in form.fields)
        clean(form)

    forms.BaseForm.full_clean = noting  # type: ignore[method-assign]
    try:
        yield found
    finally:
        forms.BaseForm.full_clean = clean  # type: ignore[method-assign]


def differences(one: list[Write], two: list[Write], other: list[Write]) -> list[str]:
    """Where `other` is unlike both of two sendings that are alike there."""
    if [sql for sql, _ in other] != [sql for sql, _ in one]:
        more = {sql for sql, _ in other} ^ {sql for sql, _ in one}
        return [f"other statements: {sorted(each[:300] for each in more)}"]
    found = []
    for (sql, first), (_sql, second), (_same, third) in zip(one, two, other, strict=True):
        if len(first) == len(second) != len(third):
            found.append(f"{sql[:200]}: {len(third)} values, not {len(first)}")
            continue
        for was, again, now in zip(first, second, third, strict=False):
            if was == again != now:
                found.append(f"{sql[:200]}: {now[:80]}, not {was[:80]}")
    return found


def smuggled(writes: list[Write], sound: list[Write]) -> list[str]:
    """Values of ours that turn up in what is written, of whatever column."""
    signs = (WORDS, str(NUMBER), DAY, repr(dt.date.fromisoformat(DAY))[:-1], "98765.25")
    known = {value for _sql, values in sound for value in values}
    return [
        f"{sql[:200]}: {value[:80]}"
        for sql, values in writes
        for value in values
        if value not in known and any(sign in value for sign in signs)
    ]


def is_written(writes: list[Write], key: str) -> bool:
    """Whether a key is among what is written."""
    return any(key == value.strip("'") for _sql, values in writes for value in values)


def test_a_smuggled_value_is_seen() -> None:
    sql = 'UPDATE "a" SET "state" = %s, "key" = %s'
    one: list[Write] = [(sql, ("'new'", "'k1'"))]
    two: list[Write] = [(sql, ("'new'", "'k2'"))]
    assert differences(one, two, [(sql, ("'new'", "'k3'"))]) == []
    assert differences(one, two, [(sql, ("'done'", "'k3'"))]) != []
    assert differences(one, two, [(sql + ', "owner" = %s', ("'new'", "'k3'", "2"))]) != []
    assert differences(one, two, [*one, *two]) != []
    assert smuggled([(sql, ("'new'", f"'{WORDS}'"))], one) != []
    assert smuggled([(sql, ("'new'", repr(dt.date(2031, 3, 3))))], one) != []
    assert smuggled(one, one) == []
    assert is_written([(sql, ("'new'", "7"))], "7")
    assert is_written([(sql, ("'hubin'", "7"))], "hubin")
    assert not is_written(one, "7")


# --- every form -----------------------------------------------------------------------------------


@pytest.fixture
def world(db):
    with time_machine.travel(AT, tick=False):
        made = World()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made


class Sending:
    """One form of a page, sent again and again; each sending is undone."""

    def __init__(self, world: World, form: Found) -> None:
        self.world, self.form, self.name = world, form, name_of(form)
        self.client = world.clients[form.actor]
        self.is_sound = False

    def send(self, values: dict[str, list[Any]]) -> tuple[Any, list[Write]]:
        self.world.hold(self.name)
        with noted() as writes:
            response = posted(self.client, self.form, values)
        return response, writes

    def stuffed(self) -> list[str] | None:
        """What comes of all other columns; None where the sound form itself is refused."""
        form = self.form
        with asked() as names:
            response, _writes = self.send(form.values)
        if not is_taken(response):
            return None
        noun = getattr(getattr(ROUTES.get(self.name), "policy", None), "model", None)
        self.is_sound = True
        known = names | set(form.values) | ASKED_BY_VIEWS.get(self.name.rpartition("_")[0], set())
        extra = {k: [v] for k, v in columns(noun).items() if k not in known}
        _first, one = self.send(form.values)
        _second, two = self.send(form.values)
        response, writes = self.send(form.values | extra)
        if not is_taken(response):
            return [f"{self.name}: refused with {response.status_code}"]
        found = [*differences(one, two, writes), *smuggled(writes, one)]
        return [f"{self.name} ({form.actor}): {each}" for each in found]

    def foreign(self) -> list[tuple[str, bool, bool]]:
        """Each key out of reach: whether a thing has it, and whether nothing came of it."""
        found = []
        for name, field in self.form.fields.items():
            if not isinstance(field, forms.ModelChoiceField):
                continue
            for value, is_there in out_of_reach(field):
                response, writes = self.send(self.form.values | {name: [value]})
                in_effect = is_taken(response) and is_written(writes, value)
                is_safe = response.status_code < 500 and not in_effect
                found.append((f"{self.name} {name}={value}", is_there and self.is_sound, is_safe))
        return found


def out_of_reach(field: forms.ModelChoiceField) -> list[tuple[str, bool]]:
    """Keys that the field does not offer, and whether there is such a thing: one each."""
    rows = field.queryset
    key = field.to_field_name or "pk"
    hidden = rows.model._base_manager.exclude(pk__in=[each.pk for each in rows]).first()
    found = [(str(getattr(hidden, key)), True)] if hidden else []
    return [*found, (str(NUMBER), False)]


def test_what_is_out_of_reach_is_named(db: None) -> None:
    """A thing that is there and not offered, and a key that nothing has."""
    field = forms.ModelChoiceField(Community.objects.filter(slug="longquan"))
    field.to_field_name = "slug"
    (hidden, is_there), (nothing, is_nothing) = out_of_reach(field)
    assert (Community.objects.filter(slug=hidden).exists(), is_there) == (True, True)
    assert (hidden != "longquan", nothing, is_nothing) == (True, str(NUMBER), False)


# Drawn anew by a seed of its own each time, so that what two sendings write differs by itself.
DRAWN = {"desk:plan_draw"}
POSTED = sorted(
    route
    for route, row in MATRIX.items()
    if {"GET", "POST"} <= set(row.methods.split()) and route not in DRAWN
)


# Fields that offer some things of a kind while others of it stand in the world of the table,
# whichever forms are sent beside them.
OTHERS_THERE = {
    "desk:complaint_assign person", "desk:complaint_assist person", "desk:enforcement_new user",
    "desk:evaluation_setup indicator_set", "desk:evaluator_new user",
    "desk:inspection_assign people", "desk:inspection_new checklist",
    "desk:inspection_new delegated", "desk:inspection_others people", "desk:tie_new user",
}  # fmt: skip


def out_of_reach_in(routes: Sequence[str]) -> set[str]:
    """The fields of these routes to which something is sent that is there and out of reach."""
    return {each for each in OTHERS_THERE if each.partition(" ")[0] in routes}


def test_every_field_with_things_out_of_reach_is_in_a_share() -> None:
    shares = [out_of_reach_in(share_of(share, POSTED)) for share in range(SHARES)]
    assert set().union(*shares) == OTHERS_THERE
    assert sum(map(bool, shares)) > 1


def sendings(world: World, share: int) -> list[Sending]:
    """The forms of a share, with the things of others' ground there as well."""
    routes = share_of(share, POSTED)
    for route in routes:
        if MATRIX[route].is_object:
            world.url(route, MATRIX[route].state, FOREIGN)
    return [Sending(world, form) for form in every_form(world, routes, 1).values()]


@pytest.mark.proves("sec:W2", "sec:W3")
@pytest.mark.lasting(2)
@pytest.mark.parametrize("share", range(SHARES))
def test_nothing_is_smuggled_into_a_form(world, share, record_property):
    every = sendings(world, share)
    stuffed = [each.stuffed() for each in every]
    assert [fault for faults in stuffed for fault in faults or ()] == []
    foreign = [found for each in every for found in each.foreign()]
    assert [name for name, _is_there, is_safe in foreign if not is_safe] == []
    taken = sum(faults is not None for faults in stuffed)
    there = {name.partition("=")[0] for name, is_there, _is_safe in foreign if is_there}
    told = f"{taken} of {len(every)} forms taken, {len(foreign)} keys, {len(there)} of things there"
    record_property("smuggled", told)
    assert taken > len(every) / 4
    # Else only keys that nothing has would be refused, which needs no guard.
    assert out_of_reach_in(share_of(share, POSTED)) - there == set()
