"""A sealed value opens only in its own row, whole, with its own key."""

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from facilities.models import FilingSection
from portal.core import crypto
from tests import makers as make


@given(st.text(max_size=200), st.text(max_size=40))
def test_what_is_sealed_opens_with_the_same_binding(plain, binding):
    assert crypto.unseal(crypto.seal(plain, binding), binding) == plain


@given(st.text(max_size=50), st.integers(min_value=0))
def test_a_damaged_value_raises(plain, place):
    token = bytearray(crypto.seal(plain, "t.c:1"))
    place %= len(token)
    token[place] ^= 1
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(bytes(token), "t.c:1")


@pytest.mark.parametrize("token", [b"", b"\x01", b"plain text", b"\x02\x01" + b"0" * 40])
def test_what_was_never_sealed_raises(token):
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(token, "t.c:1")


def test_a_value_moved_to_another_row_raises():
    token = crypto.seal("13800000001", "t.c:1")
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(token, "t.c:2")


@pytest.mark.proves("sec:G12")
@pytest.mark.django_db
def test_a_row_copied_over_another_cannot_be_read():
    filing = make.complete_filing()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE facilities_filingsection a SET answers = b.answers"
            " FROM facilities_filingsection b"
            " WHERE a.key = 'registration' AND b.key = 'premises'"
        )
    section = FilingSection.objects.get(filing=filing, key="registration")
    with pytest.raises(crypto.SealBroken):
        _ = section.answers


@pytest.mark.django_db
def test_update_cannot_write_plain_values():
    make.filing()
    with pytest.raises(TypeError):
        FilingSection.objects.update(answers={"plain": 1})


def test_the_key_file_is_for_its_owner_alone():
    crypto.seal("x", "y")
    assert settings.KEY_FILE.stat().st_mode & 0o077 == 0


@pytest.mark.django_db
def test_a_deferred_value_is_fetched_when_it_is_asked_for():
    filing = make.complete_filing()
    section = FilingSection.objects.defer("answers").get(filing=filing, key="premises")
    assert section.answers["address"] == "龙泉路18号"
    assert isinstance(FilingSection.answers, crypto._SealedAttribute)


@pytest.mark.proves("sec:W14")
def test_the_blind_index_is_equal_for_equal_text_and_purpose_only():
    index = crypto.blind_index("11010519491231002X", "staff")
    assert index == crypto.blind_index("11010519491231002X", "staff")
    assert len(index) == 64
    assert index != crypto.blind_index("440524188001010014", "staff")
    assert index != crypto.blind_index("11010519491231002X", "filing")


@pytest.mark.parametrize("text", ["sealed:!!!", "sealed:", "sealed:AQE="])
def test_sealed_text_that_is_damaged_raises(text):
    with pytest.raises(crypto.SealBroken):
        crypto.unseal_text(text, "t.c")


def test_sealed_text_opens_in_its_column_only_and_plain_text_is_from_before():
    text = crypto.seal_text("JBSWY3DP", "t.c")
    assert crypto.unseal_text(text, "t.c") == "JBSWY3DP"
    assert crypto.unseal_text("JBSWY3DP", "t.c") == "JBSWY3DP"
    assert crypto.text_version(text) == crypto.keyring().current
    assert crypto.text_version("JBSWY3DP") == 0
    with pytest.raises(crypto.SealBroken):
        crypto.unseal_text(text, "t.d")


def test_a_value_too_short_to_be_sealed_has_no_version():
    assert crypto.Token(b"x").version == 0
