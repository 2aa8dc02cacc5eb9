"""The key file: made once, read again when changed, never lost by a process that holds it."""

import base64
import json
import logging

import pytest

from portal.core import crypto, keyring

KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def file(tmp_path, settings):
    settings.KEY_FILE = tmp_path / "keys" / "seal.json"
    keyring.keyring()
    return settings.KEY_FILE


def test_the_first_of_two_that_make_the_key_file_wins(file):
    first = file.read_text()
    keyring.make_key_file(file)
    assert file.read_text() == first
    assert [p.name for p in file.parent.iterdir()] == ["seal.json"]


def test_production_never_makes_a_key_by_itself(tmp_path, settings):
    settings.PRODUCTION, settings.KEY_FILE = True, tmp_path / "none.json"
    with pytest.raises(keyring.KeyFileError, match="missing"):
        keyring.keyring()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.proves("sec:G12")
def test_a_new_version_seals_at_once_and_old_values_stay_readable(file):
    old, index = crypto.seal("x", "t.c:1"), crypto.blind_index("x", "test")
    assert keyring.add_version(file) == 2
    new = crypto.seal("x", "t.c:1")
    assert (old[1], new[1]) == (1, 2)
    assert crypto.unseal(old, "t.c:1") == crypto.unseal(new, "t.c:1") == "x"
    assert crypto.blind_index("x", "test") == index


@pytest.mark.proves("sec:G12")
def test_a_value_that_names_another_key_of_the_file_does_not_open(file):
    """The byte of the version is not sealed with the value: the key it leads to must refuse."""
    old = crypto.seal("x", "t.c:1")
    keyring.add_version(file)
    new = crypto.seal("x", "t.c:1")
    assert set(keyring.keyring().keys) == {old[1], new[1]} == {1, 2}
    for token, other in ((old, new[1]), (new, old[1])):
        with pytest.raises(crypto.SealBroken):
            crypto.unseal(bytes([token[0], other]) + token[2:], "t.c:1")
        text = base64.b64encode(bytes([token[0], other]) + token[2:]).decode()
        with pytest.raises(crypto.SealBroken):
            crypto.unseal_text(f"sealed:{text}", "t.c:1")
        assert crypto.unseal(token, "t.c:1") == "x"


@pytest.mark.proves("sec:G12")
def test_a_wrapped_key_that_names_another_key_of_the_file_does_not_open(file):
    data_key = crypto.new_data_key()
    old = crypto.wrap_key(data_key, "case", "t.key:1")
    keyring.add_version(file)
    new = crypto.wrap_key(data_key, "case", "t.key:1")
    assert (old[1], new[1]) == (1, 2)
    for token, other in ((old, new[1]), (new, old[1])):
        with pytest.raises(crypto.SealBroken):
            crypto.unwrap_key(bytes([token[0], other]) + token[2:], "case", "t.key:1")
        assert crypto.unwrap_key(token, "case", "t.key:1") == data_key


@pytest.mark.proves("sec:G12")
def test_a_retired_version_opens_nothing_and_the_blind_index_stays(file):
    old, index = crypto.seal("x", "t.c:1"), crypto.blind_index("x", "test")
    keyring.add_version(file)
    assert keyring.retire_old(file) == [1]
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(old, "t.c:1")
    assert crypto.blind_index("x", "test") == index
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_process_that_serves_keeps_its_keys_when_the_file_goes(file, settings):
    token = crypto.seal("x", "t.c:1")
    file.unlink()
    assert crypto.unseal(token, "t.c:1") == "x"
    assert not file.exists()


def test_a_process_that_serves_keeps_its_keys_when_the_file_is_damaged(file, caplog):
    token = crypto.seal("x", "t.c:1")
    file.write_text("{")
    with caplog.at_level(logging.ERROR):
        assert crypto.unseal(token, "t.c:1") == crypto.unseal(token, "t.c:1") == "x"
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"current": 1}',
        '{"current": 1, "keys": []}',
        json.dumps({"current": 2, "keys": {"1": KEY}}),
        json.dumps({"current": 0, "keys": {"0": KEY}, "blind": KEY}),
        json.dumps({"current": 256, "keys": {"256": KEY}, "blind": KEY}),
        json.dumps({"current": 1, "keys": {"1": "c2hvcnQ="}}),
        json.dumps({"current": 1, "keys": {"1": "***"}}),
        json.dumps({"current": 2, "keys": {"2": KEY}}),
    ],
)
def test_a_damaged_file_is_an_error_in_words(tmp_path, settings, content):
    settings.KEY_FILE = tmp_path / "seal.json"
    settings.KEY_FILE.write_text(content)
    with pytest.raises(keyring.KeyFileError, match="key file"):
        keyring.keyring()


def test_a_file_that_others_can_read_is_told(file, caplog):
    assert keyring.problems(file) == []
    file.chmod(0o640)
    assert "mode 640" in keyring.problems(file)[0]
    file.write_text(json.dumps({"current": 1, "keys": {"1": KEY}}))
    with caplog.at_level(logging.WARNING):
        keyring.keyring()
    assert "chmod 600" in caplog.text


def test_versions_end_at_one_byte(file):
    file.write_text(json.dumps({"current": 255, "keys": {"255": KEY}, "blind": KEY}))
    with pytest.raises(keyring.KeyFileError, match="255"):
        keyring.add_version(file)
