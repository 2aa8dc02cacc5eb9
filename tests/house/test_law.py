"""The law is data: every key that code asks for is a figure, every figure is asked for or read."""

import ast
import datetime as dt
import functools
import re
from dataclasses import replace
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


@functools.cache
def sources():
    """The text of every file of the apps."""
    folders = ("portal", "facilities", "inspections", "evaluations", "complaints")
    paths = [p for folder in folders for p in (ROOT / folder).rglob("*.py")]
    return [path.read_text(encoding="utf-8") for path in paths]


# --- the rules ----------------------------------------------------------------------------------


def asked(texts):
    """The literal keys handed to a regulation's readers: law.integer("filing.draft_days")."""
    found = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                key = node.args[0] if node.args else None
                if node.func.attr in READERS and isinstance(key, ast.Constant):
                    found.add(key.value)
    return {key for key in found if isinstance(key, str) and re.fullmatch(r"[a-z]+\.[a-z_]+", key)}


def without_figure(texts, figures):
    return asked(texts) - set(figures)


def unused(texts, figures):
    """Every literal that reads like a key counts as use: the rules keep theirs in tables."""
    mentioned = {key for text in texts for key in MENTIONED.findall(text)}
    return {key for key in set(figures) - mentioned - SHOWN if not COMPUTED.match(key)}


def doubts(figure):
    """What keeps a figure from being shipped: no act, no unit, or a reading nobody has done."""
    found = [] if figure.citation.act else ["no act"]
    found += [] if figure.unit else ["no unit"]
    return [*found, "verified"] if figure.verified else found


# --- the code and the packs keep them -----------------------------------------------------------


def test_every_key_that_is_asked_for_is_a_figure():
    assert without_figure(sources(), law().figures) == set()
    assert len(asked(sources())) > 10


def test_every_figure_is_used():
    assert unused(sources(), law().figures) == set()


@pytest.mark.parametrize("figure", law().figures.values(), ids=lambda f: f.key)
def test_every_figure_is_cited_and_unverified_at_first(figure):
    assert doubts(figure) == []


# --- each rule catches a planted violation ------------------------------------------------------

FIGURES = {"filing.draft_days": 30}


@pytest.mark.parametrize("reader", sorted(READERS))
def test_a_planted_key_without_a_figure_is_caught(reader):
    texts = [f'law.{reader}("filing.planted")', 'law.integer("filing.draft_days")']
    assert without_figure(texts, FIGURES) == {"filing.planted"}


def test_a_planted_figure_that_nobody_uses_is_caught():
    """What is in a table of keys is used; so is what is read by a computed name, or shown."""
    known = {*FIGURES, "filing.planted", "papers.receipt", *SHOWN}
    assert unused(['KEYS = ("filing.draft_days",)'], known) == {"filing.planted"}


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda f: replace(f, citation=replace(f.citation, act="")), "no act"),
        (lambda f: replace(f, unit=""), "no unit"),
        (lambda f: replace(f, verified=True), "verified"),
    ],
)
def test_a_planted_doubt_about_a_figure_is_caught(change, doubt):
    assert doubts(change(law().figures["filing.answer_working_days"])) == [doubt]
