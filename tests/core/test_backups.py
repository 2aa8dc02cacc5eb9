"""Copies: equal when put back, table by table and along the chain, and closed without the key."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from complaints.models import Complaint
from facilities.models import FilingSection, StaffMember
from portal.core import audit, jobs
from portal.core.actors import Actor
from portal.core.backups import archive, drill, keeping, making, restoring, sealing, server
from portal.core.crypto import SealBroken
from portal.core.keyring import KeyFileError
from portal.core.models import AuditEvent, Backup, Job, Outbox
from portal.embedded import keys
from portal.embedded.logins import prepare_database
from tests import makers as make
from tests.complaints import makers as cases
from tests.database import NAME

AT = make.AT
EMPTY = f"{NAME}_empty"
KEY = bytes(range(32))


# --- the envelope -------------------------------------------------------------------------------


def sealed(content: bytes, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    sealer = sealing.Sealer(out, key)
    sealer.write(content)
    sealer.close()
    return out.getvalue()


def opened(token: bytes, key: bytes = KEY) -> bytes:
    return sealing.Opener(io.BytesIO(token), key).read(1 << 40)


@pytest.mark.parametrize("size", [0, 1, sealing.PIECE, sealing.PIECE + 1, 3 * sealing.PIECE])
def test_what_is_sealed_comes_out_the_same(size):
    content = os.urandom(size)
    token = sealed(content)
    assert opened(token) == content
    assert size < 64 or content[:64] not in token  # a byte or two may well be there by chance


def test_damage_of_any_part_is_found_out():
    token = sealed(os.urandom(2 * sealing.PIECE + 100))
    for place in (0, 9, 30, 41, 60, sealing.PIECE, len(token) - 1):
        damaged = bytearray(token)
        damaged[place] ^= 1
        with pytest.raises(sealing.CopyBroken):
            opened(bytes(damaged))


def test_a_copy_that_was_cut_turned_or_lengthened_is_refused():
    token = sealed(os.urandom(2 * sealing.PIECE + 100))
    head, size = 40, sealing.PIECE + 16 + 4
    first, second, rest = token[head:][:size], token[head + size :][:size], token[head + 2 * size :]
    for wrong in (
        token[:head], token[: head + size], token[:-1], token[: head + 2 * size],
        token[:head] + second + first + rest, token + rest, token + b"x", b"", b"something else",
    ):  # fmt: skip
        with pytest.raises(sealing.CopyBroken):
            opened(wrong)


def test_another_key_opens_nothing():
    with pytest.raises(sealing.CopyBroken, match="another key"):
        opened(sealed(b"x"), bytes(32))


@pytest.mark.parametrize("text", ["", "{}", '{"key": "AAAA"}', "[1]", '{"key": 1}'])
def test_what_is_no_key_file_is_told(tmp_path, text):
    with pytest.raises(sealing.KeyMissing):
        sealing.read_key(tmp_path / "none")
    (tmp_path / "some").write_text(text)
    with pytest.raises(sealing.KeyMissing):
        sealing.read_key(tmp_path / "some")


def test_entries_come_one_after_another():
    out = io.BytesIO()
    assert archive.put(out, "a", [b"12", b"", b"3"])[0] == 3
    archive.put(out, "b", [b"4"])
    archive.end(out)
    read = archive.entries(io.BytesIO(out.getvalue()))
    assert next(read)[0] == "a"  # not read to its end
    name, chunks = next(read)
    assert (name, b"".join(chunks)) == ("b", b"4")
    for wrong in (out.getvalue()[:-1], out.getvalue() + b"x", b"\xff\xff"):
        with pytest.raises(sealing.CopyBroken):
            [b"".join(chunks) for _name, chunks in archive.entries(io.BytesIO(wrong))]


# --- how long ------------------------------------------------------------------------------------


def test_copies_grow_rarer_with_age():
    today = dt.date(2026, 11, 27)
    days = [today - dt.timedelta(days=n) for n in range(800)]
    kept = keeping.to_keep(days, today, (14, 8, 12))
    assert set(days[:14]) <= kept
    assert len([day for day in kept if (today - day).days >= 14]) < 20
    assert dt.date(2025, 12, 31) in kept
    assert min(kept) > today - dt.timedelta(days=366)
    assert keeping.to_keep([dt.date(2020, 1, 1)], today, (14, 0, 0)) == {dt.date(2020, 1, 1)}


# --- the whole way ------------------------------------------------------------------------------


@pytest.fixture
def place(settings, tmp_path, monkeypatch):
    """Folders and a key of the test's own; the tests' own schema is none of the portal's."""
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "media"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.BACKUP_KEY_FILE = tmp_path / "backup.json"
    monkeypatch.setattr(making, "DUMP_OPTIONS", [*making.DUMP_OPTIONS, "--exclude-schema=seed"])
    keys.ensure({"PORTAL_STATE": str(tmp_path), "BACKUP_KEY_FILE": str(settings.BACKUP_KEY_FILE)})
    return tmp_path


@pytest.fixture
def empty():
    """An empty database with the two logins' rights; its address as the owner."""
    superuser = os.environ["DATABASE_SUPERUSER_URL"]
    prepare_database(superuser, EMPTY)
    yield make_conninfo(os.environ["DATABASE_OWNER_URL"], dbname=EMPTY)
    with psycopg.connect(superuser, autocommit=True) as here:
        here.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(EMPTY)))


def contents(where):
    """Every table as text, row by row: told apart from how the portal itself compares."""
    found = {}
    with psycopg.connect(where) as here:
        here.execute("SET timezone = 'UTC'")
        for name in server.tables(here):
            table = sql.Identifier("public", name)
            rows = here.execute(sql.SQL("SELECT t::text FROM {} t ORDER BY 1").format(table))
            found[name] = [row[0] for row in rows.fetchall()]
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("prod:T7", "diff:24", "sec:G13", "sec:F8")
def test_a_copy_put_back_equals_the_office_table_by_table_and_along_the_chain(place, empty):
    make.registered_filing()
    before = contents(server.address("default")[0])
    made = making.make(AT)
    file = keeping.file_of(made)
    key = sealing.read_key(place / "backup.json")

    assert made.size == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    assert b"CREATE TABLE" not in file.read_bytes()
    found = restoring.restore(file, key, empty, place / "restored")

    assert found.differences == []
    after = contents(empty)
    assert after == before
    assert len(after["audit_event"]) > 5
    assert len(after["core_attachment"]) > 0
    stored = {f.relative_to(place / "media"): f.read_bytes() for f in files(place / "media")}
    assert stored
    assert {
        f.relative_to(place / "restored"): f.read_bytes() for f in files(place / "restored")
    } == stored
    assert found.files == len(stored) == made.files
    assert found.audit_seq == made.audit_seq


def files(root: Path):
    return [f for f in root.rglob("*") if f.is_file()]


@contextmanager
def portal_on(name):
    """The portal's own models read the database of that name, as its process would."""
    connection.close()
    own = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


SEALED = (
    (lambda: FilingSection.objects.get(key="extra"), lambda row: row.answers["address"]),
    (lambda: StaffMember.objects.get(name="示例密封"), lambda row: row.identity),
    (Complaint.objects.get, lambda row: row.told["happened"]),
)
IDENTITY = "11010519491231002X"


def opened_columns():
    """A part of a filing, an identity number and what a complaint tells, as models read them."""
    return [read(found()) for found, read in SEALED]


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("sec:F8", "sec:G13", "sec:C11")
def test_sealed_columns_open_after_a_restore_with_the_key_file_and_not_without(
    place, empty, settings
):
    """The key file is in no copy: who has the copy and its key alone reads nothing sealed."""
    settings.KEY_FILE = place / "keys" / "seal.json"
    filing = make.filing()
    FilingSection.objects.create(filing=filing, key="extra", answers={"address": "示例路一号"})
    StaffMember.objects.create(
        facility=make.facility(), name="示例密封", post="carer", joined_on=AT.date(),
        identity=IDENTITY, identity_key="x",
    )  # fmt: skip
    cases.complaint()
    told = opened_columns()
    assert told == ["示例路一号", IDENTITY, cases.TOLD["happened"]]
    made = making.make(AT)
    restoring.restore(keeping.file_of(made), sealing.read_key(place / "backup.json"), empty,
                      place / "restored")  # fmt: skip
    plain = "\n".join(row for rows in contents(empty).values() for row in rows)
    assert "示例密封" in plain  # a name is not sealed: what is looked for would be found
    assert not [text for text in told if text in plain or text.encode().hex() in plain]

    kept_apart = Path(shutil.copy(settings.KEY_FILE, place / "kept-apart.json"))
    with portal_on(EMPTY):
        settings.KEY_FILE = kept_apart
        assert opened_columns() == told

        other = keys.ensure({"PORTAL_STATE": str(place / "other")}, ("seal",))[0].file
        for file, fault, words in (
            (other, SealBroken, "cannot be opened"),
            (place / "lost.json", KeyFileError, r"lost\.json is missing; see docs/operations\.md"),
        ):
            settings.KEY_FILE, settings.PRODUCTION = file, True
            for found, read in SEALED:
                row = found()
                with pytest.raises(fault, match=words):
                    read(row)
    assert not (place / "lost.json").exists()  # no new key takes the place of the lost one


@pytest.mark.django_db(transaction=True)
def test_what_was_put_back_is_guarded_like_the_office(place, empty):
    """Rights, triggers and sequences come back too: the trail goes on and cannot be changed."""
    make.clerk()
    AuditEvent.objects.first()
    made = making.make(AT)
    restoring.restore(keeping.file_of(made), sealing.read_key(place / "backup.json"), empty,
                      place / "restored")  # fmt: skip
    app = make_conninfo(os.environ["DATABASE_URL"], dbname=EMPTY)
    with psycopg.connect(app, autocommit=True) as here:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            here.execute("UPDATE audit_event SET act = 'x'")
        here.execute(
            "INSERT INTO audit_event (at, actor_label, actor_role, act, object_type, object_id,"
            " detail) VALUES (now(), 'x', 'x', 'x', '', '', '{}')"
        )
        assert here.execute("SELECT * FROM audit_verify()").fetchall() == []
        assert here.execute("SELECT seq FROM audit_head").fetchone() == (made.audit_seq + 1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            here.execute("CREATE TABLE x ()")
    with psycopg.connect(empty) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute("DELETE FROM audit_event")


@pytest.mark.proves("sec:F8")
@pytest.mark.django_db(transaction=True)
def test_the_commands_do_it_and_refuse_without_key_or_room(place, empty, settings, capsys):
    make.registered_filing()
    call_command("backup")
    [made] = Backup.objects.all()
    file = keeping.file_of(made)
    assert str(file) in capsys.readouterr().out
    settings.DATABASES["owner"]["NAME"], name = EMPTY, settings.DATABASES["owner"]["NAME"]
    settings.PRIVATE_MEDIA_ROOT = place / "restored"
    try:
        with pytest.raises(CommandError, match="no backup key"):
            call_command("restore", file, key=place / "no-key")
        other = keys.ensure({"PORTAL_STATE": str(place / "other")})[2].file
        with pytest.raises(CommandError, match="another key"):
            call_command("restore", file, key=other)
        call_command("restore", file)
        assert "table by table" in capsys.readouterr().out
        with pytest.raises(CommandError, match="not an empty place"):
            call_command("restore", file)
    finally:
        settings.DATABASES["owner"]["NAME"] = name


@pytest.mark.proves("sec:F8")
@pytest.mark.django_db(transaction=True)
def test_a_damaged_copy_leaves_the_database_empty(place, empty):
    made = making.make(AT)
    file = keeping.file_of(made)
    content = bytearray(file.read_bytes())
    content[-40] ^= 1
    file.write_bytes(content)
    with pytest.raises(sealing.CopyBroken):
        restoring.restore(file, sealing.read_key(place / "backup.json"), empty, place / "restored")
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises((sealing.CopyBroken, restoring.NotRestored, restoring.NotEmpty)):
        restoring.restore(file, sealing.read_key(place / "backup.json"), empty, place / "restored")


@pytest.mark.django_db(transaction=True)
def test_what_differs_from_the_manifest_is_named(place, empty, monkeypatch):
    make.registered_filing()
    monkeypatch.setattr(making.server, "holdings", lambda _here: {"core_user": [0, "0"]})
    made = making.make(AT)
    monkeypatch.undo()
    found = restoring.restore(keeping.file_of(made), sealing.read_key(place / "backup.json"),
                              empty, place / "restored")  # fmt: skip
    assert not found.is_whole
    assert any(each.startswith("table core_user:") for each in found.differences)
    assert any(each.startswith("table core_job:") for each in found.differences)


@pytest.mark.django_db(transaction=True)
def test_each_night_one_copy_and_an_alarm_when_there_is_none(place, settings):
    keeper = make.user("sysadmin")
    night = dt.datetime(2026, 11, 23, 17, 30, tzinfo=dt.UTC)  # 1:30 in Shanghai
    assert making.nightly(night - dt.timedelta(hours=1)) == 0  # half past midnight: too early
    assert making.nightly(night) == 1
    assert making.nightly(night + dt.timedelta(minutes=10)) == 0
    assert Backup.objects.count() == 1
    settings.BACKUP_KEY_FILE = place / "gone"
    next_night = night + dt.timedelta(days=1)
    for minute in range(0, 60, 10):
        assert making.nightly(next_night + dt.timedelta(minutes=minute)) == 0
    failed = Backup.objects.exclude(error="")
    assert failed.count() == 3
    assert Outbox.objects.filter(kind="notify", payload__to=str(keeper.pk)).count() == 1
    assert AuditEvent.objects.filter(act="backup.failed").count() == 3
    assert [f.name for f in settings.BACKUP_DIR.iterdir() if f.name.endswith(".part")] == []


@pytest.mark.django_db(transaction=True)
def test_old_copies_go_and_those_made_by_hand_stay(place):
    old = AT - dt.timedelta(days=700)
    made = [making.make(old, nightly=True), making.make(old + dt.timedelta(hours=1)),
            making.make(AT, nightly=True)]  # fmt: skip
    for days in range(30, 360, 30):
        Backup.objects.create(
            day=(AT - dt.timedelta(days=days)).date(), made_at=AT, is_nightly=True, name=f"{days}"
        )
    assert keeping.clear(AT) == 1
    assert [keeping.file_of(each).exists() for each in made] == [False, True, True]
    assert keeping.clear(AT) == 0
    assert audit.first_fault() is None


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(place):
    with making._alone(), pytest.raises(making.Busy):
        making.make(AT)
    assert not Backup.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("prod:T7", "diff:24", "sec:F8", "sec:G13")
def test_the_drill_restores_into_a_server_of_its_own(place):
    keeper = Actor.person(make.user("sysadmin"))
    make.registered_filing()
    drill.request_copy(by=keeper, at=AT)
    assert jobs.work(AT) == 1
    [made] = Backup.objects.all()
    asked = drill.request(made, by=keeper, at=AT)
    jobs.work(AT)
    job = Job.objects.get(pk=asked.pk)
    assert job.state == "done", job.error
    assert job.report["is_whole"] is True
    assert job.report["tables"] > 40
    made.refresh_from_db()
    assert made.drilled_well is True
    # Without the key, and with a file that is no copy any more.
    keeping.file_of(made).write_bytes(b"nothing")
    again = drill.request(made, by=keeper, at=AT)
    jobs.work(AT)
    assert Job.objects.get(pk=again.pk).state == "failed"
    made.refresh_from_db()
    assert made.drilled_well is False
    (place / "backup.json").unlink()
    once_more = drill.request(made, by=keeper, at=AT)
    jobs.work(AT)
    assert "钥匙" in Job.objects.get(pk=once_more.pk).error
