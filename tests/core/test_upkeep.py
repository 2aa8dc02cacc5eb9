"""Read-only while it is upgraded, numbers for a monitor, logs without what people wrote."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys

import psycopg
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from portal.core import audit, logs, maintenance
from portal.core.administration import watch
from portal.core.backups import making
from portal.core.management.commands import upgrade
from portal.core.models import Backup, User
from portal.core.views import errors
from portal.embedded import keys
from tests import makers as make

AT = make.AT


@pytest.fixture
def state(settings, tmp_path, monkeypatch):
    settings.STATE_DIR = tmp_path
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_KEY_FILE = tmp_path / "keys" / "backup.json"
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "media"
    keys.ensure({"PORTAL_STATE": str(tmp_path)}, only=("backup",))
    monkeypatch.setattr(making, "DUMP_OPTIONS", [*making.DUMP_OPTIONS, "--exclude-schema=seed"])
    return tmp_path


@pytest.mark.django_db
def test_during_maintenance_pages_are_shown_and_nothing_is_taken(state):
    client = Client()
    client.force_login(make.clerk())
    call_command("maintenance", "on")
    page = client.get("/desk/")
    assert page.status_code == 200
    assert "正在升级" in page.content.decode()
    answer = client.post("/messages/read/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "120"
    assert "系统维护中" in answer.content.decode()
    assert client.get("/healthz").status_code == 200
    assert client.get("/en/").status_code == 200  # its thread keeps English
    assert "系统维护中" in client.post("/messages/read/").content.decode()
    call_command("maintenance", "off")
    assert client.post("/messages/read/").status_code != 503
    assert "正在升级" not in client.get("/desk/").content.decode()


def pending(monkeypatch, seen):
    """An upgrade that has something to do; what the outside sees while it migrates is kept."""
    monkeypatch.setattr(upgrade.Command, "_is_pending", staticmethod(lambda: True))
    real = upgrade.call_command

    def call(name, *args, **options):
        if name == "migrate":
            copies = list((maintenance.place().parent / "backups").glob("*.backup"))
            seen.append((maintenance.is_on(), len(copies)))
        return real(name, *args, **options)

    monkeypatch.setattr(upgrade, "call_command", call)


@pytest.mark.proves("sec:F7")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_upgrade_backs_up_first_and_takes_nothing_meanwhile(state, monkeypatch, capsys):
    make.clerk()
    seen = []
    pending(monkeypatch, seen)
    call_command("upgrade")
    assert seen == [(True, 1)]
    assert not maintenance.is_on()
    [copy] = Backup.objects.all()
    assert copy.name in capsys.readouterr().out


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_without_a_copy_nothing_is_migrated_unless_that_is_wanted(state, monkeypatch, settings):
    make.clerk()
    seen = []
    pending(monkeypatch, seen)
    settings.BACKUP_KEY_FILE = state / "gone"
    with pytest.raises(CommandError, match="KeyMissing"):
        call_command("upgrade")
    assert seen == []
    assert not maintenance.is_on()
    call_command("upgrade", no_backup=True)
    assert seen == [(True, 0)]
    assert not Backup.objects.exists()


@pytest.mark.proves("sec:F7")
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_migration_that_fails_leaves_the_portal_read_only(state, monkeypatch):
    make.clerk()
    pending(monkeypatch, [])
    monkeypatch.setattr(
        upgrade, "call_command", lambda *_a, **_o: (_ for _ in ()).throw(CommandError("broken"))
    )
    with pytest.raises(CommandError, match="broken"):
        call_command("upgrade")
    assert maintenance.is_on()
    assert len(list((state / "backups").glob("*.backup"))) == 1
    maintenance.end()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_where_nobody_works_yet_there_is_nothing_to_copy(state, monkeypatch):
    seen = []
    pending(monkeypatch, seen)
    call_command("upgrade")
    assert seen == [(True, 0)]
    monkeypatch.undo()
    assert not upgrade.Command._is_pending()


@pytest.mark.django_db
def test_numbers_for_whoever_has_the_token(settings):
    assert Client().get("/metrics").status_code == 503
    settings.METRICS_TOKEN = "word-of-the-monitor"
    assert Client().get("/metrics").status_code == 403
    wrong = Client().get("/metrics", headers={"Authorization": "Bearer 错"})
    assert wrong.status_code == 403
    Backup.objects.create(day=AT.date(), made_at=AT, name="x", size=7)
    watch.beat(at=AT)
    User.objects.filter(pk=make.clerk().pk).update(display_name="不该出现的名字")
    with time_machine.travel(AT, tick=False):
        answer = Client().get("/metrics", headers={"Authorization": "Bearer word-of-the-monitor"})
    text = answer.content.decode()
    assert 'portal_well{part="outbox"} 1' in text
    assert "portal_backup_bytes 7" in text
    assert "portal_beat_age_seconds 0" in text
    assert "# TYPE portal_audit_lines counter" in text
    assert all(ord(sign) < 128 for sign in text)
    for line in text.splitlines():
        assert line.startswith("#") or len(line.split(" ")) == 2


def fall() -> None:
    raise ValueError("Key (username)=(13800001111) already exists")


def told(formatter):
    try:
        try:
            fall()
        except ValueError as inner:
            raise RuntimeError("张三") from inner
    except RuntimeError:
        fault = sys.exc_info()
        record = logging.LogRecord("x", logging.ERROR, "x", 1, "%s failed", ("job",), fault)
    return formatter.format(record)


def test_a_log_names_kind_and_place_of_a_fault_and_no_value():
    for formatter in (logs.Plain("%(levelname)s %(message)s"), logs.Json()):
        text = told(formatter)
        assert "job failed" in text
        assert "RuntimeError" in text
        assert "ValueError" in text
        assert "test_upkeep.py" in text
        assert "13800001111" not in text
        assert "张三" not in text


def test_a_line_for_machines_carries_the_number_of_the_request():
    token = audit.request_id.set("a-number")
    try:
        line = json.loads(told(logs.Json()))
    finally:
        audit.request_id.reset(token)
    assert line["request"] == "a-number"
    assert line["level"] == "ERROR"
    plain = logging.LogRecord("x", logging.INFO, "x", 1, "well", (), None)
    assert "fault" not in json.loads(logs.Json().format(plain))


# --- a full disk ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("sec:F4")
def test_a_full_database_is_told_from_any_other_fault(rf, settings, tmp_path):
    settings.STATE_DIR = tmp_path / "state"
    assert maintenance.has_room(AT)
    maintenance.stored()
    full = OperationalError("no room")
    full.__cause__ = psycopg.errors.DiskFull("could not extend file")
    assert said(rf, OperationalError("gone")) == (500, "系统出了点问题")
    assert maintenance.has_room(AT)
    with time_machine.travel(AT, tick=False):
        assert said(rf, full) == (503, "没有保存")
        ready = Client().get("/readyz")
    assert (ready.status_code, ready.json()["storage"]) == (503, False)
    assert not maintenance.has_room(AT + maintenance.DOUBTED_FOR)
    assert maintenance.has_room(AT + maintenance.DOUBTED_FOR + dt.timedelta(seconds=1))
    maintenance.stored()
    assert maintenance.has_room(AT)
    settings.STATE_DIR = tmp_path / "file" / "state"
    (tmp_path / "file").touch()
    maintenance.note_full(AT)  # not even the note can be kept


def said(rf, fault):
    """Status and heading of the page for a fault."""
    try:
        raise fault
    except OperationalError:
        answer = errors.server_error(rf.get("/"))
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", answer.content.decode(), re.DOTALL)
    return answer.status_code, heading[1].strip()
