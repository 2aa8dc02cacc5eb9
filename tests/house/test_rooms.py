"""The rooms: what each file may be called, how long it may be, who may write.

Each rule is a function of names and texts that returns what it found, so that a planted violation
goes the same way as the sources do.
"""

import ast
import functools
import re
from pathlib import Path, PurePosixPath

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
    "portal/core/staffing/rights.py",
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
LATER = re.compile(r"\b(TODO|FIXME|XXX)\b")


@functools.cache
def sources():
    """The text of every file of the apps, by its name; what a migration did stays as it was."""
    paths = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if "migrations" not in path.parts
    }


# --- the rules ----------------------------------------------------------------------------------


def saying_nothing(names):
    return [name for name in names if PurePosixPath(name).stem in BANNED_NAMES]


def long_files(texts):
    return [name for name, text in texts.items() if code_lines(text) > MAX_FILE]


def code_lines(text):
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def long_functions(text):
    return [_place(node) for node in functions(text) if _body_lines(node) > MAX_FUNCTION]


def long_views(texts):
    """Views are the decorated functions of a views room."""
    return [
        f"{name}: {_place(node)}"
        for name, text in texts.items()
        if is_views_room(name)
        for node in functions(text)
        if node.decorator_list and _body_lines(node) > MAX_VIEW
    ]


def is_views_room(name):
    path = PurePosixPath(name)
    return "views" in path.parts or path.name == "views.py"


def functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _place(node):
    return f"{node.lineno} {node.name}"


def _body_lines(node):
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def written_elsewhere(texts):
    """The calls that write, in files that are none of those that may."""
    found = {name: writes(text) for name, text in texts.items() if not is_writer(name)}
    return {name: calls for name, calls in found.items() if calls}


def writes(text):
    return [
        f"{node.lineno} .{node.func.attr}()"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in WRITES or _is_queryset_update(node))
    ]


def _is_queryset_update(node):
    if node.func.attr != "update":
        return False
    return "objects" in ast.unparse(node.func) or ".filter(" in ast.unparse(node.func)


def is_writer(name):
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


def promises(texts):
    return [name for name, text in texts.items() if LATER.search(text)]


# --- the sources keep them ----------------------------------------------------------------------


def test_every_app_is_read():
    assert {name.partition("/")[0] for name in sources()} == set(APPS)


def test_no_file_has_a_name_that_says_nothing():
    assert saying_nothing(sources()) == []


def test_no_file_is_too_long():
    assert long_files(sources()) == []


@pytest.mark.parametrize("name", sources())
def test_functions_are_short(name):
    assert long_functions(sources()[name]) == []


def test_views_are_shorter_still():
    assert any(is_views_room(name) for name in sources())
    assert long_views(sources()) == []


def test_only_the_acts_write():
    assert written_elsewhere(sources()) == {}


def test_nothing_is_written_later():
    assert promises(sources()) == []


# --- each rule catches a planted violation ------------------------------------------------------


def function(lines, above=""):
    """A function of so many lines."""
    return f"{above}def f(r):\n" + "    r.x\n" * lines


@pytest.mark.parametrize("stem", sorted(BANNED_NAMES))
def test_a_planted_name_is_caught(stem):
    assert saying_nothing([f"facilities/{stem}.py", "facilities/queries.py"]) == [
        f"facilities/{stem}.py"
    ]


def test_a_planted_long_file_is_caught():
    """Empty lines and comments are not counted."""
    just = "x = 1\n\n# why\n" * MAX_FILE
    assert long_files({"just.py": just, "planted.py": f"{just}y = 2\n"}) == ["planted.py"]


def test_a_planted_long_function_is_caught():
    assert long_functions(function(MAX_FUNCTION)) == []
    assert long_functions(function(MAX_FUNCTION + 1)) == ["1 f"]


@pytest.mark.parametrize("name", ["portal/site/views.py", "facilities/views/desk.py"])
def test_a_planted_long_view_is_caught(name):
    assert long_views({name: function(MAX_VIEW, "@shows\n")}) == []
    assert long_views({name: function(MAX_VIEW + 1, "@shows\n")}) == [f"{name}: 2 f"]


def test_what_is_no_view_may_be_longer():
    """A function of a views room that answers nobody, and an answer of another room."""
    longer = function(MAX_VIEW + 1)
    assert long_views({"portal/site/views.py": longer, "portal/x.py": f"@shows\n{longer}"}) == []


@pytest.mark.parametrize(
    "call",
    [*(f"x.{verb}()" for verb in sorted(WRITES)), "X.objects.update()", "x.filter(y=1).update()"],
)
def test_a_planted_write_is_caught(call):
    """Outside the acts; a dictionary's own `update` writes no row."""
    texts = {"portal/site/views.py": f"{call}\nwords.update(a=1)\n", "facilities/actions.py": call}
    verb = call.rpartition(".")[2]
    assert written_elsewhere(texts) == {"portal/site/views.py": [f"1 .{verb}"]}


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_a_planted_promise_is_caught(word):
    assert promises({"a.py": f"x = 1  # {word}: later\n", "b.py": "TODOS = 1\n"}) == ["a.py"]
