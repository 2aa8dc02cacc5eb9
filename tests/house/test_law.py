"""The law is data: every key that code asks for is a figure, every figure is asked for or read."""

import ast
import datetime as dt
import functools
import re
from pathlib import Path

import pytest
from django.apps import apps

from portal.core.regulation.loader import build, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
FAR = dt.date(2999, 1, 1)
READERS = {"integer", "text", "texts", "table", "value"}
MENTIONED = re.compile(r'"((?:[a-z]+)\.[a-z_]+)"')
# Read by prefix or by a computed name, never by a literal key.
COMPUTED = re.compile(r"^(materials\.(for_)?|sections\.for_|papers\.)[a-z_]+$")
# Laid down for readers and for the parts that come next; shown, not computed with.
SHOWN = {
    "filing.nonconformity_notice_working_days",
    "filing.statutory_notice_working_days",
    "filing.statutory_receipt_working_days",
    "registration.authority",
}


@functools.cache
def law():
    return build(FAR, shipped_packs(Path(app.path) for app in apps.get_app_configs()))


def sources():
    folders = ("portal", "facilities", "inspections", "evaluations", "complaints")
    return [p for folder in folders for p in (ROOT / folder).rglob("*.py")]


def asked():
    """The literal keys handed to a regulation's readers: law.integer("filing.draft_days")."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                key = node.args[0] if node.args else None
                if node.func.attr in READERS and isinstance(key, ast.Constant):
                    found.add(key.value)
    return {key for key in found if isinstance(key, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", key)}


def mentioned():
    """Every literal that reads like a key: the rules keep theirs in tables."""
    return {key for path in sources() for key in MENTIONED.findall(path.read_text())}


def test_every_key_that_is_asked_for_is_a_figure():
    assert asked() - set(law().figures) == set()
    assert len(asked()) > 10


def test_every_figure_is_used():
    unused = set(law().figures) - mentioned() - SHOWN
    assert {key for key in unused if not COMPUTED.match(key)} == set()


@pytest.mark.parametrize("figure", law().figures.values(), ids=lambda f: f.key)
def test_every_figure_is_cited_and_unverified_at_first(figure):
    assert figure.citation.act
    assert figure.unit
    assert not figure.verified
