"""The ledgers: which clause of the plan and which feature is shown by which test (R31).

The marks are read from the source of the tests, so the answer does not depend on what a run
collected. Rows are data in docs/ledgers; docs/mission.md, docs/features.md and docs/security.md are
drawn from both.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "ledgers"
COMMAND = "./test tests --write-ledgers"
MOST_TESTS = 4
# Families without a ledger of their own yet: the shape of an id is all that can be checked.
SHAPES = {
    "ux": re.compile(r"[1-9]|[1-5][0-9]|60"),
    "sec": re.compile(
        r"C([1-9]|1[0-5])|S[1-5]|W([1-9]|1[0-8])|X([1-9]|1[0-9]|2[0-4])|F([1-9]|1[01])"
        r"|G(1b|[1-9]|1[0-8])"
    ),
    "issue2": re.compile(r"[a-z][a-z0-9-]*"),
}
Proofs = Mapping[str, Sequence[str]]


class BadMark(ValueError):
    """A mark that cannot be read: its arguments must be texts written in place."""


def proofs(folder: Path = ROOT / "tests") -> Proofs:
    """Every id that a mark names, with the tests that carry it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        name = path.relative_to(folder.parent).as_posix()
        for test, ids in marks(ast.parse(path.read_text(encoding="utf-8"))):
            for each in ids:
                found[each].append(f"{name}::{test}")
    return found


def marks(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """The tests of a file with the ids they show: their own, their class's, their file's."""
    yield from _of_body(tree.body, "", _pytestmark(tree.body))


def _of_body(
    body: Sequence[ast.stmt], prefix: str, inherited: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            own = [*inherited, *_decorated(node), *_pytestmark(node.body)]
            yield from _of_body(node.body, f"{prefix}{node.name}::", own)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            ids = [*inherited, *_decorated(node)]
            if ids:
                yield f"{prefix}{node.name}", list(dict.fromkeys(ids))


def _decorated(node: ast.ClassDef | ast.FunctionDef) -> list[str]:
    return [each for decorator in node.decorator_list for each in _ids(decorator)]


def _pytestmark(body: Sequence[ast.stmt]) -> list[str]:
    found: list[str] = []
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            values = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            found += [each for value in values for each in _ids(value)]
    return found


def _ids(mark: ast.expr) -> list[str]:
    if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != "pytest.mark.proves":
        return []
    if mark.keywords or not all(
        isinstance(a, ast.Constant) and isinstance(a.value, str) for a in mark.args
    ):
        raise BadMark(f"line {mark.lineno}: proves() takes texts written in place")
    return [str(a.value) for a in mark.args if isinstance(a, ast.Constant)]


def clauses() -> list[dict[str, Any]]:
    """The rows of the plan."""
    return list(_data("clauses.yaml"))


def features() -> list[dict[str, Any]]:
    """The groups of features, each with its rows."""
    return list(_data("features.yaml"))


def security() -> dict[str, Any]:
    """Promises, abuse cases by group, what is known about persons, what is not promised."""
    return dict(_data("security.yaml"))


def cases() -> list[dict[str, Any]]:
    """The abuse cases, faults and figures."""
    return [row for group in security()["cases"] for row in group["rows"]]


def _data(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def known_ids() -> list[str]:
    """Every id that has a row, in order."""
    rows = [*clauses(), *(row for group in features() for row in group["rows"]), *cases()]
    return [row["id"] for row in rows]


def unknown(ids: Iterator[str] | Sequence[str]) -> list[str]:
    """Those that name no row and have no shape we know."""
    rows = set(known_ids())
    return sorted(each for each in ids if each not in rows and not _has_a_shape(each))


def _has_a_shape(each: str) -> bool:
    family, _, rest = each.partition(":")
    return family in SHAPES and bool(SHAPES[family].fullmatch(rest))


def state(row: Mapping[str, Any], found: Proofs) -> str:
    """Done when a test shows it and nothing is known to be missing."""
    if not found.get(row["id"]):
        return "not yet"
    return "partly" if row.get("partly") else "done"


def drawings(found: Proofs) -> dict[Path, str]:
    """The three ledgers as they should read."""
    return {
        ROOT / "docs" / "mission.md": _mission(found),
        ROOT / "docs" / "features.md": _features(found),
        ROOT / "docs" / "security.md": _security(found),
    }


def write() -> list[str]:
    """Write the ledgers; returns the ids nobody knows, and writes nothing when there are any."""
    found = proofs()
    strange = unknown(list(found))
    if not strange:
        for path, text in drawings(found).items():
            path.write_text(text, encoding="utf-8")
    return strange


def _mission(found: Proofs) -> str:
    rows = clauses()
    lines = [
        "# The plan, clause by clause",
        "",
        f"Generated by `{COMMAND}` from the tests and `docs/ledgers/clauses.yaml`,",
        "not edited by hand.",
        f"{_tally(rows, found)}",
        "",
        "| Clause | In short | Page | Shown by |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{row['id']}` | {row['name']} | {_page(row, found)} | {_tests(row, found)} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _features(found: Proofs) -> str:
    groups = features()
    every = [row for group in groups for row in group["rows"]]
    lines = [
        "# Features",
        "",
        f"Generated by `{COMMAND}` from the tests and `docs/ledgers/features.yaml`,",
        "not edited by hand.",
        f"{_tally(every, found)}",
    ]
    for group in groups:
        lines += [
            "",
            f"## {group['group']}",
            "",
            "| Id | Feature | State | Shown by |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| `{row['id']}` | {row['name']} | {_noted(row, found)} | {_tests(row, found)} |"
            for row in group["rows"]
        ]
    return "\n".join(lines) + "\n"


SECURITY_HEAD = f"""# Security: what is promised, and what is not

Generated by `{COMMAND}` from the tests and `docs/ledgers/security.yaml`, not edited by hand.
Each promise names a test that fails when it is broken. A promise without a test is not one."""


def _security(found: Proofs) -> str:
    data, every = security(), cases()
    lines = [SECURITY_HEAD, "", "## Promised", "", "| Promise | Shown by |", "|---|---|"]
    lines += [f"| {row['says']} | `{row['test']}` |" for row in data["promises"]]
    lines += ["", "## Abuse, faults and figures", "", _tally(every, found)]
    for group in data["cases"]:
        lines += ["", f"### {group['group']}", "", "| Id | Case | State | Shown by |"]
        lines += ["|---|---|---|---|"]
        lines += [
            f"| `{row['id']}` | {row['name']} | {_noted(row, found)} | {_tests(row, found)} |"
            for row in group["rows"]
        ]
    lines += ["", "## What is known about a person", ""]
    lines += [f"- {line}" for line in data["persons"]]
    lines += ["", "## Not promised", ""]
    lines += [f"- {line}" for line in data["not_promised"]]
    for paragraph in data["closing"]:
        lines += ["", paragraph]
    return "\n".join(lines) + "\n"


def _tally(rows: Sequence[Mapping[str, Any]], found: Proofs) -> str:
    states = [state(row, found) for row in rows]
    words = ", ".join(f"{states.count(word)} {word}" for word in ("done", "partly", "not yet"))
    return f"{len(rows)} rows: {words}."


def _noted(row: Mapping[str, Any], found: Proofs) -> str:
    word = state(row, found)
    if word == "partly":
        return f"partly: {row['partly']}"
    return f"not yet: {row['not_yet']}" if word == "not yet" and row.get("not_yet") else word


def _page(row: Mapping[str, Any], found: Proofs) -> str:
    word = state(row, found)
    if word == "not yet" or not row.get("page"):
        return word
    return f"`{row['page']}`" + (f"<br>partly: {row['partly']}" if word == "partly" else "")


def _tests(row: Mapping[str, Any], found: Proofs) -> str:
    tests = found.get(row["id"], ())
    shown = [f"`{test}`" for test in tests[:MOST_TESTS]]
    if len(tests) > MOST_TESTS:
        shown.append(f"and {len(tests) - MOST_TESTS} more")
    return "<br>".join(shown) or "–"
