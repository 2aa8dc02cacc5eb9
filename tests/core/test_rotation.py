"""Keys are changed while people read and write; nothing fails and nothing stays behind."""

import io
import threading

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from facilities.models import Filing, FilingSection, FilingSubmission
from portal.core import crypto, keyring, resealing
from portal.core.models import AuditEvent
from tests import makers as make

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
AT = make.AT


@pytest.fixture(autouse=True)
def key_file(tmp_path, settings):
    settings.KEY_FILE = tmp_path / "seal.json"
    keyring.keyring()
    return settings.KEY_FILE


def sections(count):
    """Sections with sealed answers, each of a filing of its own."""
    owner = make.operator()
    filings = Filing.objects.bulk_create(
        Filing(
            number=f"DJ-2026-{10_000 + n}", created_by=owner, created_at=AT, draft_until=AT.date()
        )
        for n in range(count)
    )
    return FilingSection.objects.bulk_create(
        FilingSection(filing=filing, key="premises", answers={"n": n}, draft={"words": "草稿"})
        for n, filing in enumerate(filings)
    )


def rotate(*options):
    out = io.StringIO()
    call_command("rotate_keys", *options, stdout=out, stderr=out)
    return out.getvalue()


def versions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT get_byte(answers, 1) FROM facilities_filingsection"
            " UNION SELECT get_byte(draft, 1) FROM facilities_filingsection WHERE draft IS NOT NULL"
        )
        return {row[0] for row in cursor.fetchall()}


class Serving:
    """Threads that read and write as people do, until told to stop."""

    def __init__(self, rows):
        self.rows, self.faults, self.acts = rows, [], 0
        self.written = {}
        self.stop = threading.Event()
        self.threads = [
            threading.Thread(target=self._serve, args=(self._read, 0)),
            threading.Thread(target=self._serve, args=(self._write, 1)),
            threading.Thread(target=self._serve, args=(self._add, 2)),
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _serve(self, act, seed):
        turn = seed
        try:
            while not self.stop.is_set():
                act(turn)
                self.acts += 1
                turn += 7
        except Exception as fault:  # ruff: ignore[blind-except] - whatever it is, the test's finding
            self.faults.append(repr(fault))
        finally:
            connection.close()

    def _read(self, turn):
        place = turn % len(self.rows)
        assert FilingSection.objects.get(pk=self.rows[place].pk).answers == {"n": place}

    def _write(self, turn):
        place = turn % len(self.rows)
        section = FilingSection.objects.get(pk=self.rows[place].pk)
        section.draft = {"turn": turn}
        section.save()  # the answers, never opened, are written back with it
        self.written[place] = turn

    def _add(self, turn):
        section = FilingSection.objects.get(pk=self.rows[turn % len(self.rows)].pk)
        FilingSection.objects.create(filing=section.filing, key=f"k{turn}", answers={"new": turn})


@pytest.mark.proves("sec:G12")
def test_keys_change_while_people_read_and_write(key_file):
    rows = sections(150)
    with Serving(rows) as serving:
        told = rotate("--new-key", "--retire", "--batch", "20")
    assert serving.faults == []
    assert serving.acts > 0
    assert "0 left on an old key" in told
    assert list(keyring.keyring().keys) == [2]
    assert versions() == {2}
    for place, row in enumerate(rows):
        section = FilingSection.objects.get(pk=row.pk)
        assert section.answers == {"n": place}
        turn = serving.written.get(place)
        assert section.draft == ({"words": "草稿"} if turn is None else {"turn": turn})
    acts = AuditEvent.objects.filter(act__startswith="keys.").values_list("act", flat=True)
    assert sorted(acts) == ["keys.retired", "keys.rotated"]


def test_an_interrupted_rotation_goes_on_where_it_was(key_file):
    sections(30)
    keyring.add_version(key_file)
    steps = resealing.reseal(batch=10)
    next(step for step in steps if step.sealed)
    steps.close()
    assert versions() == {1, 2}
    left = resealing.left_on_old_keys()
    assert 0 < left < 60
    assert f"{left} values sealed anew, 0 left" in rotate()
    assert "\n0 values sealed anew, 0 left" in rotate()
    assert list(keyring.keyring().keys) == [1, 2]


def test_a_row_that_somebody_holds_is_waited_for(key_file):
    rows = sections(3)
    keyring.add_version(key_file)
    holds, release = threading.Event(), threading.Event()

    def hold():
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "SELECT 1 FROM facilities_filingsection WHERE id = %s FOR UPDATE", [rows[1].pk]
            )
            holds.set()
            release.wait(20)
            cursor.execute("COMMIT")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert holds.wait(20)
    steps = resealing.reseal()
    first = next(step for step in steps if step.where.endswith("FilingSection.draft"))
    assert first.sealed == 2  # the others did not wait
    release.set()
    list(steps)
    thread.join()
    assert resealing.left_on_old_keys() == 0


def test_what_was_loaded_before_does_not_put_the_old_key_back(key_file):
    row = sections(1)[0]
    section = FilingSection.objects.get(pk=row.pk)
    rotate("--new-key")
    section.version = 9
    section.save()
    assert versions() == {2}
    assert FilingSection.objects.get(pk=row.pk).answers == {"n": 0}


def test_a_frozen_submission_is_sealed_anew_and_stays_frozen(key_file):
    row = sections(1)[0]
    frozen = FilingSubmission.objects.create(
        filing=row.filing, round=1, answers={"frozen": 1}, declared_name="x",
        declaration_sha256="0", submitted_by=row.filing.created_by, submitted_at=AT,
        regulation_version="1",
    )  # fmt: skip
    rotate("--new-key", "--retire")
    assert FilingSubmission.objects.get(pk=frozen.pk).answers == {"frozen": 1}
    with pytest.raises(Exception, match="permission denied"):
        FilingSubmission.objects.filter(pk=frozen.pk).update(round=2)


@pytest.mark.proves("sec:G12")
def test_a_value_that_cannot_be_opened_is_named_and_keeps_the_old_key(key_file):
    rows = sections(3)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE facilities_filingsection a SET answers = b.answers"
            " FROM facilities_filingsection b WHERE a.id = %s AND b.id = %s",
            [rows[0].pk, rows[1].pk],
        )
    out = io.StringIO()
    with pytest.raises(CommandError, match="still needed"):
        call_command("rotate_keys", "--new-key", "--retire", stdout=out, stderr=out)
    assert f"cannot be opened: facilities.FilingSection.answers {rows[0].pk}" in out.getvalue()
    assert list(keyring.keyring().keys) == [1, 2]
    with pytest.raises(crypto.SealBroken):
        _ = FilingSection.objects.get(pk=rows[0].pk).answers
    assert FilingSection.objects.get(pk=rows[1].pk).answers == {"n": 1}


def test_busy_tables_are_told_in_words(key_file, monkeypatch):
    def busy():
        raise OperationalError

    monkeypatch.setattr(resealing, "left_on_old_keys", busy)
    with pytest.raises(CommandError, match="busy"):
        rotate()


def test_a_key_file_that_others_can_read_is_told(key_file):
    key_file.chmod(0o644)
    assert "chmod 600" in rotate()


@pytest.mark.proves("sec:G12", "sec:C11")
def test_secrets_of_second_factors_are_sealed_and_rotated(key_file):
    person = make.clerk()
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    codes = RecoveryCodes(person.authenticator_set.get(type="recovery_codes")).generate_codes()
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert stored.count("sealed:") == 2
    rotate("--new-key", "--retire")
    fresh = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert fresh != stored
    assert TOTP(person.authenticator_set.get(type="totp")).validate_code(make.shown_code(secret))
    again = RecoveryCodes(person.authenticator_set.get(type="recovery_codes"))
    assert again.generate_codes() == codes


def test_secrets_from_before_are_read_and_sealed(key_file):
    person = make.clerk()
    Authenticator.objects.create(user=person, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(
        user=make.clerk(), type="recovery_codes", data={"migrated_codes": ["11", "22"]}
    )
    assert get_adapter().decrypt("JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"
    assert "mfa.Authenticator.data: 2" in rotate()
    kept = Authenticator.objects.get(type="recovery_codes").data["migrated_codes"]
    assert [get_adapter().decrypt(code) for code in kept] == ["11", "22"]


def test_a_second_factor_that_cannot_be_opened_is_named(key_file):
    token = crypto.seal_text("x", "elsewhere")
    made = Authenticator.objects.create(user=make.clerk(), type="totp", data={"secret": token})
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("rotate_keys", "--new-key", stdout=out, stderr=out)
    assert f"mfa.Authenticator.data {made.pk}" in out.getvalue()


def test_a_factor_that_went_meanwhile_is_passed_over(key_file, monkeypatch):
    monkeypatch.setattr(resealing, "_old_factors", lambda: [999_999])
    assert resealing._reseal_factors().sealed == 0
