"""The documents tell the truth where a machine can see it: links, commands, settings, accounts."""

import ast
import os
import re
from pathlib import Path

import pytest

from portal.site import demo

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
GENERATED = {"docs/mission.md", "docs/features.md"}
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \|", re.MULTILINE)
ACCOUNT = re.compile(r"^\| `([a-z][a-z0-9_]*)` \| ([^|]+) \|", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::([\w:]+))?`")
NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
MACHINE = re.compile(r"(?<![\w.…~-])/(work|root|tmp|home|Users|opt)/")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|registry\.\w|/simple/|tuna\.tsinghua|mirrors?\.\w"
)
# Read by the two commands and the containers, not by the settings.
OUTSIDE = {
    "POSTGRES_PASSWORD",
    "PORTAL_APP_PASSWORD",
    "PORTAL_OWNER_PASSWORD",
    "HTTP_PORT",
    "HTTPS_PORT",
}
# Set by the launcher for its children; nobody sets them from outside.
INSIDE = {"DJANGO_SETTINGS_MODULE", "PYTHONUNBUFFERED"}


def documents():
    folders = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in folders)


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(text):
    """The addresses of headings, as the usual viewers make them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead_links(name):
    dead = []
    for target in LINK.findall(read(name)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            dead.append(target)
    return dead


def environment_names():
    """Every name the settings and the launcher ask the environment for."""
    files = [ROOT / "portal/settings.py", *(ROOT / "portal/embedded").glob("*.py")]
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found |= {name for name in _asked(node) if NAME.fullmatch(name)}
    return found - INSIDE


def _asked(node):
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        called = ast.unparse(node.func)
        asks = {"_flag", "_list", "self._is_on", "os.getenv"}
        if called in asks or called.endswith(("environ.get", "environment.get")):
            yield str(node.args[0].value)
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and ast.unparse(node.value).endswith(("environ", "environment"))
    ):
        yield str(node.slice.value)


@pytest.mark.parametrize("name", documents())
def test_links_resolve(name):
    assert dead_links(name) == []


@pytest.mark.parametrize("name", [n for n in documents() if n not in GENERATED])
def test_the_tests_that_are_named_exist(name):
    for path, test in TEST.findall(read(name)):
        assert (ROOT / path).exists(), path
        last = test.rpartition("::")[2]
        assert not last or f"def {last}(" in read(path), f"{path}::{test}"


@pytest.mark.parametrize("name", READMES)
def test_the_two_commands_stand_at_the_top_and_can_be_run(name):
    top = read(name).split("```")[1]
    commands = re.findall(r"^\./(\w+)", top, re.MULTILINE)
    assert commands == ["run", "test"]
    assert all(os.access(ROOT / command, os.X_OK) for command in commands)


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_settings_is_complete(name):
    told = SETTING.findall(read(name))
    assert len(told) == len(set(told))
    assert set(told) == environment_names()


@pytest.mark.parametrize("name", READMES)
def test_what_the_example_file_sets_is_explained(name):
    example = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", read(".env.example"), re.MULTILINE)
    text = read(name)
    assert [each for each in example if f"`{each}`" not in text] == []
    assert set(example) <= environment_names() | OUTSIDE


def test_defaults_are_told_as_they_are():
    source = read("portal/settings.py")
    for name, default in re.findall(r'"(SITE_\w+)", "([^"]*)"', source):
        shown = default or "empty"
        row = next(line for line in read("README.md").splitlines() if f"| `{name}` |" in line)
        assert row.split("|")[2].strip().strip("`") == shown, name


@pytest.mark.parametrize("name", READMES)
def test_demo_accounts_match(name):
    told = [(user, post.strip()) for user, post in ACCOUNT.findall(read(name))]
    assert told == [(post.username, post.post) for post in demo.STAFF]


def test_the_two_readmes_say_the_same():
    english, chinese = (read(name) for name in READMES)
    for mark in (r"^#+ ", r"^\|", r"^```", r"!\["):
        found = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, chinese)]
        assert found[0] == found[1], mark
    links = [sorted(set(LINK.findall(text)) - set(READMES)) for text in (english, chinese)]
    assert links[0] == links[1]


def test_what_the_long_run_leaves_unwatched_is_there():
    (named,) = re.findall(r'^unwatched="([^"]*)"$', (ROOT / "test").read_text(), re.MULTILINE)
    assert [each for each in named.split() if not (ROOT / each).exists()] == []


@pytest.mark.parametrize("name", [*documents(), ".env.example"])
def test_nothing_of_somebodys_machine_is_in_it(name):
    for pattern in (MACHINE, REGISTRIES):
        assert not pattern.search(read(name)), pattern.search(read(name)).group()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_registry(lock):
    assert not REGISTRIES.search(read(lock))


def test_every_decision_is_listed():
    listed = read("docs/adr/0001-record-decisions.md")
    pages = sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))[1:]
    assert [page for page in pages if f"({page})" not in listed] == []
    assert [page[:4] for page in pages] == [f"{n:04d}" for n in range(2, len(pages) + 2)]


def test_every_ruling_the_code_cites_is_explained():
    told = set(re.findall(r"^\| (R\d+|D\d+) \|", read("docs/rulings.md"), re.MULTILINE))
    cited = set()
    for folder in ("portal", "facilities", "templates", "static", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".sql", ".css", ".js", ".yaml"}:
                text = path.read_text(encoding="utf-8")
                cited |= set(re.findall(r"\bR[1-9]\d?\b", text))
    assert cited - told == set()


# --- each check catches a planted fault -------------------------------------------------------


@pytest.mark.parametrize("text", ["see /work/x", "in /tmp/a/b", "(/root/.cache)"])
def test_a_planted_path_is_caught(text):
    assert MACHINE.search(text)


def test_paths_of_the_product_are_not():
    assert not MACHINE.search("/var/lib/portal-embedded/ and docs/work/x")


def test_a_planted_dead_link_is_caught(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "a.md").write_text("# A b\n[x](b.md) [y](#a-b) [z](#c)")
    assert dead_links("a.md") == ["b.md", "#c"]
