"""The ledgers are fresh, and no mark names a row that is not there."""

import ast

import pytest

from tests import ledgers


def test_every_mark_names_a_row():
    assert ledgers.unknown(list(ledgers.proofs())) == []


@pytest.mark.parametrize("path", ledgers.drawings({}), ids=lambda path: path.name)
def test_the_ledgers_are_fresh(path):
    text = ledgers.drawings(ledgers.proofs())[path]
    assert path.exists(), f"run {ledgers.COMMAND}"
    assert path.read_text(encoding="utf-8") == text, f"stale: run {ledgers.COMMAND}"


def test_every_row_is_there_once():
    ids = ledgers.known_ids()
    assert len(ids) == len(set(ids))
    assert len(ledgers.clauses()) == 56
    families = [each.partition(":")[0] for each in ids]
    assert {name: families.count(name) for name in set(families)} == {
        "clause": 56,
        "prod": 224,
        "diff": 28,
        "sec": 89,
    }


def test_every_promise_names_a_test_that_is_there():
    for row in ledgers.security()["promises"]:
        path, _, test = row["test"].partition("::")
        assert f"def {test}(" in (ledgers.ROOT / path).read_text(encoding="utf-8"), row["test"]


def test_what_is_partly_says_what_is_missing():
    features = [r for g in ledgers.features() for r in g["rows"]]
    for row in [*ledgers.clauses(), *ledgers.cases(), *features]:
        assert row.get("partly", "x").strip(), row["id"]


# --- what is read from a file ----------------------------------------------------------------

SOURCE = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.proves("prod:A1")]

@pytest.mark.proves("prod:B1", "ux:15")
def test_one(): ...

@pytest.mark.proves("diff:7")
class TestClocks:
    def test_two(self): ...

def helper(): ...
"""


def test_marks_of_file_class_and_test_are_read():
    assert dict(ledgers.marks(ast.parse(SOURCE))) == {
        "test_one": ["prod:A1", "prod:B1", "ux:15"],
        "TestClocks::test_two": ["prod:A1", "diff:7"],
    }


def test_a_computed_mark_is_refused():
    with pytest.raises(ledgers.BadMark):
        dict(ledgers.marks(ast.parse("@pytest.mark.proves(NAME)\ndef test_x(): ...")))


def test_unknown_ids_are_found():
    assert ledgers.unknown(["prod:A1", "prod:A99", "ux:61", "sec:W11", "moon:1"]) == [
        "moon:1",
        "prod:A99",
        "ux:61",
    ]


@pytest.mark.parametrize(
    ("row", "tests", "word"),
    [
        ({"id": "x"}, [], "not yet"),
        ({"id": "x", "partly": "half"}, [], "not yet"),
        ({"id": "x", "partly": "half"}, ["t"], "partly"),
        ({"id": "x"}, ["t"], "done"),
    ],
)
def test_a_row_is_done_when_a_test_shows_the_whole_of_it(row, tests, word):
    assert ledgers.state(row, {"x": tests}) == word
