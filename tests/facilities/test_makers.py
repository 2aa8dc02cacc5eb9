"""What stands in the register without the steps is, table by table, what the steps leave there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from facilities import actions
from portal.core.actors import Actor
from tests import makers, register

pytestmark = pytest.mark.django_db
APPS = ("facilities", "core", "inspections", "complaints", "evaluations")
UNSTORED = {"core.AuditEvent", "core.Outbox"}  # what the steps before the decision say, not do
# Random, or of a file that differs on purpose.
OWN = {"storage_key", "sha256_received", "sha256_stored", "size", "verify_code"}
UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
NUMBER = re.compile(r"示例-\d{6}")


def tables() -> dict[str, list[str]]:
    """Every row of every table as text; which row is meant is not compared, whether one is, is."""
    found = {}
    for model in (model for label in APPS for model in apps.get_app_config(label).get_models()):
        columns = [
            f.attname
            for f in model._meta.concrete_fields
            if f.name not in OWN and not f.primary_key
        ]
        rows = [
            json.dumps(
                {name: getattr(row, name) for name in columns},
                cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, default=str,
            )
            for row in model._default_manager.all()
        ]  # fmt: skip
        found[model._meta.label] = sorted(NUMBER.sub("N", UUID.sub("U", row)) for row in rows)
    return found


def left_by(make: Callable[[], Any]) -> dict[str, list[str]]:
    """What is in the tables after it, taken back afterwards."""
    with transaction.atomic():
        make()
        found = tables()
        transaction.set_rollback(True)
    return found


def test_a_facility_made_at_once_is_the_one_made_by_the_steps():
    staff = makers.staff_answers()
    same = {"registration": {"uscc": makers.uscc()}, "staff": staff}
    people = [makers.operator(), makers.clerk(), makers.approver()]

    def by_steps() -> None:
        clerk, approver = map(Actor.person, people[1:])
        made = makers.submitted_filing(people[0], **same)
        made = actions.take_filing(made, by=clerk, at=makers.AT)
        made = actions.propose_decision(made, "register", "示例理由", by=clerk, at=makers.AT)
        actions.register_filing(made, by=approver, at=makers.AT)

    steps = left_by(by_steps)
    at_once = left_by(lambda: register.registered(*people, **same))
    assert steps.keys() == at_once.keys()
    for label in steps.keys() - UNSTORED:
        assert at_once[label] == steps[label], label
    assert len(steps["facilities.FilingSection"]) > 5
    assert "facilities.Facility" in steps
