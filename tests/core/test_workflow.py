"""The engine of acts: one transaction, lines last, nothing outside an act."""

import pytest
from django.core.exceptions import PermissionDenied

from portal.core import actions, workflow
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, User
from portal.core.roles import Role
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT


def test_a_line_outside_an_act_is_a_programming_error():
    with pytest.raises(RuntimeError, match="outside"):
        workflow.record(None, "x", by=Actor.calendar(), at=AT)


def test_an_act_that_fails_leaves_neither_rows_nor_lines():
    @workflow.action
    def doomed():
        make.user()
        workflow.record(None, "doomed", by=Actor.calendar(), at=AT)
        raise OSError

    before = User.objects.count()
    with pytest.raises(OSError):  # ruff: ignore[pytest-raises-too-broad]
        doomed()
    assert User.objects.count() == before
    assert not AuditEvent.objects.filter(act="doomed").exists()


def test_an_act_within_an_act_is_one_act():
    @workflow.action
    def inner():
        workflow.record(None, "inner", by=Actor.calendar(), at=AT)

    @workflow.action
    def outer():
        inner()
        assert not AuditEvent.objects.filter(act="inner").exists()
        workflow.record(None, "outer", by=Actor.calendar(), at=AT)

    outer()
    lines = AuditEvent.objects.filter(act__in=["inner", "outer"]).order_by("seq")
    assert [line.act for line in lines] == ["inner", "outer"]
    assert len({line.txid for line in lines}) == 1


def test_the_calendar_may_only_what_the_table_gives_it():
    filing = make.submitted_filing()
    with pytest.raises(workflow.NotAllowed):
        workflow.apply(filing, "take", by=Actor.calendar(), at=AT)
    with pytest.raises(PermissionDenied):
        _ = Actor.calendar().somebody


def message(to, key="k"):
    return Notification.objects.create(to=to, dedup_key=key, kind="x", title="x", at=AT)


def test_a_message_is_read_by_its_owner_alone():
    me, other = make.user(), make.user()
    mine, foreign = message(me), message(other, "other")
    assert actions.read_notification(mine.pk, by=Actor.person(me), at=AT) == mine
    assert actions.read_notification(foreign.pk, by=Actor.person(me), at=AT) is None
    foreign.refresh_from_db()
    assert foreign.read_at is None
    message(me, "more")
    assert actions.read_all_notifications(by=Actor.person(me), at=AT) == 1
    assert actions.read_all_notifications(by=Actor.person(me), at=AT) == 0


def test_an_account_is_opened_once_and_its_line_names_nobody():
    made = actions.open_operator_account(
        "13800000009", "示例联系人", make.PASSWORD, by=Actor.resident(), at=AT
    )
    assert made is not None
    assert made.check_password(make.PASSWORD)
    assert made.role_assignments.get().role == Role.OPERATOR
    again = actions.open_operator_account(
        "13800000009", "别人", "another-long-one", by=Actor.resident(), at=AT
    )
    assert again is None
    line = AuditEvent.objects.get(act="account.opened")
    assert "13800000009" not in str(line.detail) + line.actor_label
