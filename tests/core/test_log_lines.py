"""Nobody outside writes a line of his own into the log."""

from __future__ import annotations

import io
import json
import logging

import pytest
from django.test import Client

from portal.core import logs

FORGED = "ERROR root forged"
PLAIN = "%(levelname)s %(name)s %(message)s"


@pytest.fixture(params=[logs.Plain(PLAIN), logs.Json()], ids=["plain", "json"])
def lines(request):
    """What the portal's formatters make of everything that is logged."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(request.param)
    logging.getLogger().addHandler(handler)
    yield lambda: out.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


@pytest.mark.proves("sec:X21")
@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [f"/x%0a{FORGED}", f"/x%0d%0a{FORGED}", f"/x%1b[2J%0b{FORGED}", f"/x%e2%80%a8{FORGED}"],
)
def test_an_address_that_is_not_there_forges_no_line(lines, address):
    assert Client().get(address).status_code == 404
    said = lines()
    assert len(said) == 1
    assert "Not Found" in said[0]  # it was written down, in one line
    assert not [line for line in said if line.startswith(FORGED)]
    assert "\x1b" not in said[0]


@pytest.mark.proves("sec:X21")
def test_a_line_for_machines_stays_one_whatever_it_tells():
    told = "a\r\nERROR b\x1b[31m\u2028c\x00"
    record = logging.LogRecord("x", logging.WARNING, "x", 1, "%s", (told,), None)
    line = logs.Json().format(record)
    assert not {"\r", "\n", "\x1b", "\x00"} & set(line)
    assert json.loads(line)["message"] == told
