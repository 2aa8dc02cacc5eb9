"""What an address in the environment means to Django."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from portal.embedded.urls import BadUrlError, parse_database_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://portal_app:secret@db.example:5433/portal",
            {
                "NAME": "portal",
                "USER": "portal_app",
                "PASSWORD": "secret",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {},
            },
        ),
        (
            "postgresql://portal_app@/portal?host=/run/some%20dir",
            {"NAME": "portal", "USER": "portal_app", "PASSWORD": "", "HOST": "/run/some dir"},
        ),
        ("postgresql://u@%2FVar%2FRun/portal", {"HOST": "/Var/Run", "USER": "u"}),
        ("postgres://u:p%40ss%2Fw%3Ard%25@h/%E5%BA%93", {"PASSWORD": "p@ss/w:rd%", "NAME": "库"}),
        ("postgresql://u:p@[::1]:6000/portal", {"HOST": "::1", "PORT": "6000"}),
        (
            "postgresql://h/portal?sslmode=verify-full&connect_timeout=5&user=u",
            {"USER": "u", "OPTIONS": {"sslmode": "verify-full", "connect_timeout": "5"}},
        ),
    ],
)
def test_an_address_is_read(url, expected):
    entry = parse_database_url(url)
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert {key: entry[key] for key in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:///db",
        "host=h dbname=portal",
        "postgresql://u:secret@h/",
        "postgresql://u:sec#ret@h/portal",
        "postgresql://u:secret@h/portal?nonsense=1",
        "postgresql://u:%zz-secret@h/portal",
    ],
)
def test_a_bad_address_is_refused_without_repeating_it(url):
    with pytest.raises(BadUrlError) as refusal:
        parse_database_url(url)
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@given(password=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_password_survives_the_way_there_and_back(password):
    url = "postgresql://u@h/portal?password=" + "".join(f"%{b:02x}" for b in password.encode())
    assert parse_database_url(url)["PASSWORD"] == password
    assert conninfo_to_dict(url).get("password", "") == password
    assert psycopg.conninfo.make_conninfo(url)
