"""The trail can be added to and read, and nothing else; tampering is found and named."""

import json
import os

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portal.core import audit
from portal.core.actors import Actor
from portal.core.models import AuditEvent
from tests import makers as make

AT = make.AT
OWN_CHAIN = (
    "INSERT INTO audit_event (seq, at, recorded_at, actor_label, actor_role, act, object_type,"
    " object_id, detail, txid, prev_hash, hash)"
    " VALUES (9, now(), now(), '', '', '', '', '', '{}', 1, '', '')"
)
# What the application might try, and the refusal it must meet.
MUTATIONS = [
    ("UPDATE audit_event SET act = 'x'", "permission denied for table audit_event"),
    ("DELETE FROM audit_event", "permission denied for table audit_event"),
    ("TRUNCATE audit_event", "permission denied for table audit_event"),
    ("UPDATE audit_head SET seq = 0", "permission denied for table audit_head"),
    ("DELETE FROM audit_head", "permission denied for table audit_head"),
    ("ALTER TABLE audit_event DISABLE TRIGGER ALL", "must be owner of table audit_event"),
    (OWN_CHAIN, "permission denied for table audit_event"),
]


def write(*acts):
    audit.write([audit.line(act, None, by=Actor.calendar(), at=AT, n=1) for act in acts])


@pytest.mark.proves("prod:V3", "diff:28", "sec:G10")
@pytest.mark.django_db
@pytest.mark.parametrize(("statement", "refusal"), MUTATIONS, ids=[m[0] for m in MUTATIONS])
def test_the_application_cannot_change_the_trail(statement, refusal):
    """Refused for want of the right, so that a statement that is merely wrong proves nothing."""
    assert len(MUTATIONS) == 7
    write("a")
    before = list(AuditEvent.objects.values())
    with (
        pytest.raises(DatabaseError, match=refusal) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert refused.value.__cause__.sqlstate == "42501"
    assert list(AuditEvent.objects.values()) == before


@pytest.mark.django_db
def test_a_whole_trail_verifies(capsys):
    write("a", "b", "c")
    assert audit.first_fault() is None
    call_command("verify_audit")
    assert "whole" in capsys.readouterr().out


@pytest.mark.proves("prod:V3", "diff:28", "sec:G10")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "named", "why"),
    [
        ("UPDATE audit_event SET act = 'x' WHERE seq = %s", 0, "content altered"),
        ("UPDATE audit_event SET actor_label = 'x' WHERE seq = %s", 0, "content altered"),
        ("UPDATE audit_event SET at = at + interval '1 s' WHERE seq = %s", 0, "content altered"),
        ("UPDATE audit_event SET prev_hash = '' WHERE seq = %s", 0, "link broken"),
        ("DELETE FROM audit_event WHERE seq = %s", 1, "row missing before"),
        ("DELETE FROM audit_event WHERE seq >= %s", None, "tail removed"),
    ],
)
def test_tampering_by_a_superuser_is_found_and_named(statement, named, why):
    write("a", "b", "c", "d")
    last, _ = audit.head()
    victim = last - 2
    with psycopg.connect(_superuser_url(), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(statement, [victim])
    fault = audit.first_fault()
    assert fault == (last if named is None else victim + named, why)
    with pytest.raises(CommandError) as told:
        call_command("verify_audit")
    assert str(told.value) == f"audit line {last if named is None else victim + named}: {why}"


def _superuser_url():
    return psycopg.conninfo.make_conninfo(
        os.environ["DATABASE_SUPERUSER_URL"], dbname=connection.settings_dict["NAME"]
    )


@pytest.mark.django_db
def test_a_line_says_who_what_and_when():
    me = make.clerk()
    noun = make.community()
    audit.write([audit.line("looked", noun, by=Actor.person(me), at=AT, section="x")])
    event = AuditEvent.objects.first()
    assert (event.actor_id, event.actor_role, event.at) == (me.pk, "clerk", AT)
    assert (event.object_type, event.object_id) == ("core.Community", str(noun.pk))
    assert event.detail == {"section": "x"}
    assert me.username not in json.dumps([event.actor_label, event.detail])


@pytest.mark.proves("sec:W16")
@pytest.mark.django_db
def test_the_trail_outlives_the_account():
    me = make.user()
    write("before")
    audit.write([audit.line("left", me, by=Actor.person(me), at=AT)])
    me.delete()
    assert audit.first_fault() is None
    assert AuditEvent.objects.first().actor_label.startswith("person#")
