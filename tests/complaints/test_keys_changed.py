"""The key of a case is wrapped anew with every other sealed value, and the case still opens."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from complaints.models import Complaint
from portal.core import crypto, keyring, resealing
from tests.complaints import makers as own

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, settings: Any) -> Path:
    settings.KEY_FILE = tmp_path / "seal.json"
    keyring.keyring()
    return tmp_path / "seal.json"


def wrapped_under(case: Complaint) -> int:
    """The version of the key file under which the case's own key lies."""
    return bytes(Complaint.objects.values_list("data_key", flat=True).get(pk=case.pk))[1]


def test_the_keys_of_cases_change_with_the_others_and_every_case_still_opens() -> None:
    case = own.complaint()
    before = Complaint.objects.get(pk=case.pk).key
    held = Complaint.objects.get(pk=case.pk)
    assert wrapped_under(case) == 1
    call_command("rotate_keys", "--new-key", stdout=io.StringIO(), stderr=io.StringIO())
    assert wrapped_under(case) == 2
    held.save(update_fields=["data_key"])  # read under the old key, saved under the new one
    assert wrapped_under(case) == 2
    assert resealing.left_on_old_keys() == 0
    call_command("rotate_keys", "--retire", stdout=io.StringIO(), stderr=io.StringIO())
    assert set(keyring.keyring().keys) == {2}
    assert Complaint.objects.get(pk=case.pk).key == before


def test_a_wrapped_key_of_another_row_or_purpose_does_not_open() -> None:
    key = crypto.new_data_key()
    token = crypto.wrap_key(key, "complaint.case", "row:1")
    assert crypto.unwrap_key(token, "complaint.case", "row:1") == key
    for purpose, binding, broken in (
        ("complaint.contact", "row:1", token),
        ("complaint.case", "row:2", token),
        ("complaint.case", "row:1", token[:10]),
        ("complaint.case", "row:1", bytes([token[0], 99]) + token[2:]),
    ):
        with pytest.raises(crypto.SealBroken):
            crypto.unwrap_key(broken, purpose, binding)
    with pytest.raises(crypto.SealBroken):
        crypto.unseal_with(key, b"x", "row:1")
