"""The ledgers are fresh, and no mark names a row that is not there."""

import ast
import re

import pytest

from tests import ledgers


def stale(drawn):
    """The ledgers that do not say what tests and rows say, and those that are missing."""
    return [
        path.name
        for path, text in drawn.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def gone(promises, root=ledgers.ROOT):
    """The tests that promises name and nobody finds: the file, or the test in it."""
    found = []
    for row in promises:
        path, _, test = row["test"].partition("::")
        file = root / path
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if not re.search(rf"^\s*def {re.escape(test)}\(", text, re.MULTILINE):
            found.append(row["test"])
    return found


def wordless(rows):
    """The rows that are done by half and do not say which half is missing."""
    return [row["id"] for row in rows if "partly" in row and not str(row["partly"] or "").strip()]


def twice(ids):
    """The ids that stand there more than once."""
    return sorted({each for each in ids if ids.count(each) > 1})


def test_every_mark_names_a_row():
    assert ledgers.unknown(list(ledgers.proofs())) == []


@pytest.mark.parametrize("path", ledgers.drawings({}), ids=lambda path: path.name)
def test_the_ledgers_are_fresh(path):
    text = ledgers.drawings(ledgers.proofs())[path]
    assert stale({path: text}) == [], f"run {ledgers.COMMAND}"


def test_every_row_is_there_once():
    ids = ledgers.known_ids()
    assert twice(ids) == []
    assert len(ledgers.clauses()) == 56
    families = [each.partition(":")[0] for each in ids]
    assert {name: families.count(name) for name in set(families)} == {
        "clause": 56,
        "prod": 224,
        "diff": 28,
        "sec": 89,
    }


def test_every_promise_names_a_test_that_is_there():
    assert gone(ledgers.security()["promises"]) == []


def test_what_is_partly_says_what_is_missing():
    features = [row for group in ledgers.features() for row in group["rows"]]
    assert wordless([*ledgers.clauses(), *ledgers.cases(), *features]) == []


# --- each rule catches a planted violation ---------------------------------------------------


def test_a_planted_stale_ledger_is_caught(tmp_path):
    fresh, old, missing = (tmp_path / name for name in ("fresh.md", "old.md", "missing.md"))
    fresh.write_text("as it is")
    old.write_text("as it was")
    assert stale(dict.fromkeys((fresh, old, missing), "as it is")) == ["old.md", "missing.md"]


def test_a_ledger_tells_of_a_test_that_is_no_longer_there():
    """What makes a ledger stale: the same rows, and one mark less."""
    more = {"prod:A1": ["tests/x.py::test_a"]}
    with_it, without = ledgers.drawings(more), ledgers.drawings({})
    assert [path.name for path in with_it if with_it[path] != without[path]] == ["features.md"]


@pytest.mark.parametrize("test", ["x.py::gone", "no.py::test_a", "x.py", "x.py::test_told_of"])
def test_a_planted_promise_that_names_no_test_is_caught(tmp_path, test):
    (tmp_path / "x.py").write_text('"""def test_told_of()"""\ndef test_a(): ...\n')
    assert gone([{"test": "x.py::test_a"}, {"test": test}], tmp_path) == [test]


def test_a_planted_partly_without_words_is_caught():
    rows = [{"id": "whole"}, {"id": "half", "partly": "no map yet"},
            {"id": "empty", "partly": ""}, {"id": "blank", "partly": " "},
            {"id": "nothing", "partly": None}]  # fmt: skip
    assert wordless(rows) == ["empty", "blank", "nothing"]


def test_a_planted_row_of_an_id_that_is_taken_is_caught():
    assert twice(["prod:A1", "prod:A2", "prod:A1"]) == ["prod:A1"]


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
