"""The rooms: what each file may be called, how long it may be, who may write."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "facilities", "inspections", "evaluations", "complaints")
BANNED_NAMES = {"utils", "helpers", "common", "misc", "base_utils", "services"}
MAX_FILE, MAX_FUNCTION, MAX_VIEW = 400, 40, 15
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "update_or_create",
    "get_or_create",
    "delete",
}
# Who writes rows: the acts, and the ground under them.
WRITERS = {
    "portal/core/staffing/codes.py",
    "portal/core/staffing/roles.py",
    "portal/core/staffing/sessions.py",
    "portal/core/actions.py",
    "portal/core/attachments.py",
    "portal/core/audit.py",
    "portal/core/jobs.py",
    "portal/core/outbox.py",
    "portal/core/workflow.py",
    "portal/core/reference.py",
    "portal/core/resealing.py",
    "portal/core/saving.py",
    "portal/core/publishing.py",
    "portal/core/papers/issuing.py",
    "portal/core/papers/numbering.py",
    "portal/core/papers/render.py",
}


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def code_lines(text):
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def functions(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def long_files(paths):
    return [name_of(p) for p in paths if code_lines(p.read_text()) > MAX_FILE]


def long_functions(path):
    tree = ast.parse(path.read_text())
    return [
        f"{path.name}:{node.lineno} {node.name}"
        for node in functions(tree)
        if _body_lines(node) > MAX_FUNCTION
    ]


def long_views(path):
    """Views are the decorated functions of a views room."""
    tree = ast.parse(path.read_text())
    return [
        f"{path.name}:{node.lineno} {node.name}"
        for node in functions(tree)
        if node.decorator_list and _body_lines(node) > MAX_VIEW
    ]


def _body_lines(node):
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def writes(path):
    tree = ast.parse(path.read_text())
    return [
        f"{path.name}:{node.lineno} .{node.func.attr}()"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in WRITES or _is_queryset_update(node))
    ]


def _is_queryset_update(node):
    if node.func.attr != "update":
        return False
    return "objects" in ast.unparse(node.func) or ".filter(" in ast.unparse(node.func)


def is_writer(path):
    name = name_of(path)
    return (
        name in WRITERS
        or "/actions" in name
        or "/demo/" in name
        or "/files/" in name
        or "/embedded/" in name
        or name.endswith("/accounts.py")
        or "/administration/" in name
        or "/backups/" in name
        or name == "portal/core/crypto.py"
    )


def test_no_file_has_a_name_that_says_nothing():
    assert [name_of(p) for p in sources() if p.stem in BANNED_NAMES] == []


def test_no_file_is_too_long():
    assert long_files(sources()) == []


@pytest.mark.parametrize("path", list(sources()), ids=name_of)
def test_functions_are_short(path):
    assert long_functions(path) == []


def test_views_are_shorter_still():
    rooms = [p for p in sources() if "views" in p.parts or p.name == "views.py"]
    assert rooms
    assert [found for p in rooms for found in long_views(p)] == []


def test_only_the_acts_write():
    found = {name_of(p): writes(p) for p in sources() if not is_writer(p)}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_nothing_is_written_later():
    for path in sources():
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", path.read_text()), name_of(path)


# --- each rule catches a planted violation ----------------------------------------------------


def test_a_planted_write_is_caught(tmp_path):
    path = tmp_path / "views.py"
    path.write_text("def f(x):\n    x.objects.filter(pk=1).update(a=1)\n    x.save()\n")
    assert len(writes(path)) == 2


def test_a_planted_long_view_is_caught(tmp_path):
    path = tmp_path / "views.py"
    path.write_text("@shows\ndef f(r):\n" + "    r.x\n" * (MAX_VIEW + 1))
    assert long_views(path)


def test_a_planted_long_function_is_caught(tmp_path):
    path = tmp_path / "rules.py"
    path.write_text("def f(r):\n" + "    r.x\n" * (MAX_FUNCTION + 1))
    assert long_functions(path)
