"""The documents tell the truth where a machine can see it: links, commands, settings, accounts.

Each check is a function of texts that returns what is not so, so that a planted fault goes the same
way as the documents do.
"""

import ast
import os
import re
from pathlib import Path
from types import SimpleNamespace

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
EXAMPLE = re.compile(r"^#?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
DEFAULT = re.compile(r'"(SITE_\w+)", "([^"]*)"')
UNWATCHED = re.compile(r'^unwatched="([^"]*)"$', re.MULTILINE)
RULING = re.compile(r"^\| (R\d+|D\d+) \|", re.MULTILINE)
CITED = re.compile(r"\bR[1-9]\d?\b")
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
APPS = ("portal", "facilities", "inspections", "evaluations", "complaints")
CITING = {".py", ".html", ".sql", ".css", ".js", ".yaml"}


def documents():
    folders = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in folders)


def read(name, root=ROOT):
    return (root / name).read_text(encoding="utf-8")


def decisions():
    """The pages about decisions but for the first, which lists them."""
    return sorted(path.name for path in (ROOT / "docs/adr").glob("*.md"))[1:]


def sources():
    """The texts that may cite a ruling."""
    for folder in (*APPS, "templates", "static", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in CITING:
                yield path.read_text(encoding="utf-8")


# --- the checks ---------------------------------------------------------------------------------


def dead_links(name, root=ROOT):
    dead = []
    for target in LINK.findall(read(name, root)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        file = (root / name).parent / path if path else root / name
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8"))):
            dead.append(target)
    return dead


def anchors(text):
    """The addresses of headings, as the usual viewers make them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def missing_tests(text, root=ROOT):
    """The tests a document names that are not there: their file, or the function in it."""
    missing = []
    for path, test in TEST.findall(text):
        last = test.rpartition("::")[2]
        if not (root / path).exists():
            missing.append(path)
        elif last and f"def {last}(" not in read(path, root):
            missing.append(f"{path}::{test}")
    return missing


def commands(text):
    """What the first block of a document asks the reader to type."""
    return re.findall(r"^\./(\w+)", text.split("```")[1], re.MULTILINE)


def not_to_be_run(names, root=ROOT):
    return [name for name in names if not os.access(root / name, os.X_OK)]


def settings_amiss(text, asked):
    """Names in the table of settings that are there twice, that are missing, that nobody reads."""
    told = SETTING.findall(text)
    twice = {name for name in told if told.count(name) > 1}
    return sorted(twice | (set(told) ^ asked))


def environment_names():
    """Every name the settings and the launcher ask the environment for."""
    files = [ROOT / "portal/settings.py", *(ROOT / "portal/embedded").glob("*.py")]
    return names_asked(path.read_text(encoding="utf-8") for path in files)


def names_asked(texts):
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    return {name for node in nodes for name in _asked(node) if NAME.fullmatch(name)} - INSIDE


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


def unexplained_example(example, text, known):
    """What the example file sets and the document does not name, or nothing reads."""
    return [
        name for name in EXAMPLE.findall(example) if f"`{name}`" not in text or name not in known
    ]


def wrong_defaults(source, text):
    """The names of the office whose default is not told, or told as another."""
    cells = [[cell.strip().strip("`") for cell in row.split("|")] for row in text.splitlines()]
    told = {row[1]: row[2] for row in cells if len(row) > 3}
    return [name for name, value in DEFAULT.findall(source) if told.get(name) != (value or "empty")]


def wrong_accounts(text, staff):
    """The first account told otherwise than the demo makes it, with what the demo makes."""
    told = [(user, post.strip()) for user, post in ACCOUNT.findall(text)]
    made = [(post.username, post.post) for post in staff]
    longer = max(len(told), len(made))
    pairs = zip(*(each + [None] * (longer - len(each)) for each in (told, made)), strict=True)
    return [pair for pair in pairs if pair[0] != pair[1]]


def differences(english, chinese):
    """What one of two documents has more of than the other: headings, rows, pictures, links."""
    found = []
    for mark in (r"^#+ ", r"^\|", r"^```", r"!\["):
        counts = [len(re.findall(mark, text, re.MULTILINE)) for text in (english, chinese)]
        if counts[0] != counts[1]:
            found.append(f"{mark}: {counts[0]} and {counts[1]}")
    links = [set(LINK.findall(text)) - set(READMES) for text in (english, chinese)]
    return [*found, *sorted(links[0] ^ links[1])]


def unwatched_gone(script, root=ROOT):
    (named,) = UNWATCHED.findall(script)
    return [each for each in named.split() if not (root / each).exists()]


def of_a_machine(text):
    """What only somebody's own machine or network has."""
    return [found.group() for look in (MACHINE, REGISTRIES) for found in look.finditer(text)]


def decisions_amiss(listed, pages):
    """Decisions that the list leaves out, and numbers that are left out or given twice."""
    found = [page for page in pages if f"({page})" not in listed]
    numbers = zip(pages, range(2, len(pages) + 2), strict=True)
    return found + [f"{page} is not {n}" for page, n in numbers if page[:4] != f"{n:04d}"]


def unknown_rulings(told, texts):
    return {each for text in texts for each in CITED.findall(text)} - set(RULING.findall(told))


# --- the documents stand up to them -------------------------------------------------------------


@pytest.mark.parametrize("name", documents())
def test_links_resolve(name):
    assert dead_links(name) == []


@pytest.mark.parametrize("name", [n for n in documents() if n not in GENERATED])
def test_the_tests_that_are_named_exist(name):
    assert missing_tests(read(name)) == []


@pytest.mark.parametrize("name", READMES)
def test_the_two_commands_stand_at_the_top_and_can_be_run(name):
    assert commands(read(name)) == ["run", "test"]
    assert not_to_be_run(["run", "test"]) == []


@pytest.mark.parametrize("name", READMES)
def test_the_table_of_settings_is_complete(name):
    assert settings_amiss(read(name), environment_names()) == []


@pytest.mark.parametrize("name", READMES)
def test_what_the_example_file_sets_is_explained(name):
    known = environment_names() | OUTSIDE
    assert unexplained_example(read(".env.example"), read(name), known) == []


def test_defaults_are_told_as_they_are():
    source = read("portal/settings.py")
    assert len(DEFAULT.findall(source)) > 5
    assert wrong_defaults(source, read("README.md")) == []


@pytest.mark.parametrize("name", READMES)
def test_demo_accounts_match(name):
    assert wrong_accounts(read(name), demo.STAFF) == []


def test_the_two_readmes_say_the_same():
    assert differences(*(read(name) for name in READMES)) == []


def test_what_the_long_run_leaves_unwatched_is_there():
    assert unwatched_gone(read("test")) == []


@pytest.mark.parametrize("name", [*documents(), ".env.example"])
def test_nothing_of_somebodys_machine_is_in_it(name):
    assert of_a_machine(read(name)) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_name_no_registry(lock):
    assert not REGISTRIES.search(read(lock))


def test_every_decision_is_listed():
    assert decisions_amiss(read("docs/adr/0001-record-decisions.md"), decisions()) == []


def test_every_ruling_the_code_cites_is_explained():
    assert unknown_rulings(read("docs/rulings.md"), sources()) == set()


# --- each check catches a planted fault ---------------------------------------------------------


def test_a_planted_dead_link_is_caught(tmp_path):
    (tmp_path / "a.md").write_text("# A b\n[x](b.md) [y](#a-b) [z](#c)")
    assert dead_links("a.md", tmp_path) == ["b.md", "#c"]


def test_a_planted_test_that_is_not_there_is_caught(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_a.py").write_text("class TestA:\n    def test_b(self): ...\n")
    named = "`tests/test_a.py` `tests/test_a.py::TestA::test_b`"
    planted = "`tests/test_a.py::test_c` `tests/test_d.py::test_b`"
    assert missing_tests(f"{named} {planted}", tmp_path) == [
        "tests/test_a.py::test_c",
        "tests/test_d.py",
    ]


def test_a_planted_command_is_caught(tmp_path):
    """One too many at the top, and one that nobody may run."""
    assert commands("# A\n```\n./run  # it\n./planted\n```\n```\n./test\n```") == ["run", "planted"]
    (tmp_path / "planted").write_text("#!/bin/sh\n")
    assert not_to_be_run(["planted", "gone"], tmp_path) == ["planted", "gone"]


@pytest.mark.parametrize(
    "line",
    [
        'os.environ.get("PLANTED", "")',
        'os.environ["PLANTED"]',
        'os.getenv("PLANTED")',
        '_flag("PLANTED")',
        '_list("PLANTED")',
        'self._is_on("PLANTED")',
        'self.environment.get("PLANTED")',
        'environment["PLANTED"] = 1',
    ],
)
def test_a_planted_setting_is_caught(line):
    """However it is asked for, when the table leaves it out; what the launcher sets is not told."""
    asked = names_asked([line, 'environment["PYTHONUNBUFFERED"] = 1', '_flag("DEMO")'])
    assert settings_amiss("| `DEMO` | 1 | x |", asked) == ["PLANTED"]


def test_a_planted_row_of_the_settings_is_caught():
    """One that nothing reads, and one that is there twice."""
    rows = "| `DEMO` | 1 | x |\n| `OLD` | 1 | x |\n| `DEMO` | 0 | x |\n"
    assert settings_amiss(rows, {"DEMO"}) == ["DEMO", "OLD"]


def test_a_planted_line_of_the_example_file_is_caught():
    """One that the document does not name, one that nothing reads; in use or not."""
    example = "# words\nDEMO=1\n#HIDDEN=1\nUNREAD=2\n"
    assert unexplained_example(example, "`DEMO` `UNREAD`", {"DEMO", "HIDDEN"}) == [
        "HIDDEN",
        "UNREAD",
    ]


@pytest.mark.parametrize("row", ["| `SITE_B` | else | x |", "| `SITE_B` | empty | x |", ""])
def test_a_planted_default_is_caught(row):
    source = 'get("SITE_A", ""), get("SITE_B", "b")'
    told = "| `SITE_A` | empty | x |"
    assert wrong_defaults(source, f"{told}\n| `SITE_B` | `b` | x |") == []
    assert wrong_defaults(source, f"{told}\n{row}") == ["SITE_B"]


CLERK, LEADER = ("clerk", "经办人"), ("leader", "领导")


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ([CLERK, ("leader", "别人")], [(("leader", "别人"), LEADER)]),
        ([CLERK], [(None, LEADER)]),
        ([CLERK, LEADER, ("planted", "无")], [(("planted", "无"), None)]),
        ([LEADER, CLERK], [(LEADER, CLERK), (CLERK, LEADER)]),
        ([CLERK, LEADER], []),
    ],
)
def test_a_planted_account_is_caught(told, wrong):
    staff = [SimpleNamespace(username=user, post=post) for user, post in (CLERK, LEADER)]
    rows = "\n".join(f"| `{user}` | {post} | does |" for user, post in told)
    assert wrong_accounts(rows, staff) == wrong


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("## B\n", [r"^#+ : 2 and 1"]),
        ("| b |\n", [r"^\|: 2 and 1"]),
        ("```\n", [r"^```: 1 and 0"]),
        ("![](p.png)\n", [r"!\[: 1 and 0", "p.png"]),
        ("[more](more.md)\n", ["more.md"]),
        ("[the other](README.zh-CN.md)\n", []),
    ],
)
def test_a_planted_difference_of_the_two_is_caught(more, found):
    both = "# A\n| a |\n[x](x.md)\n"
    assert differences(f"{both}{more}", both) == found


def test_a_planted_name_in_the_long_run_is_caught(tmp_path):
    (tmp_path / "here").mkdir()
    assert unwatched_gone('x=1\nunwatched="here\n  gone"\n', tmp_path) == ["gone"]


@pytest.mark.parametrize("text", ["see /work/x", "in /tmp/a/b", "(/root/.cache)"])
def test_a_planted_path_is_caught(text):
    assert len(of_a_machine(text)) == 1


@pytest.mark.parametrize(
    "text", ["https://pypi.org/x", "registry.npmjs.org", "http://mirror.example.org/simple/"]
)
def test_a_planted_registry_is_caught(text):
    assert of_a_machine(text)


def test_paths_of_the_product_are_not():
    assert of_a_machine("/var/lib/portal-embedded/ and docs/work/x") == []


def test_a_planted_decision_is_caught():
    """One that the list leaves out, and a number that is given twice."""
    listed = "[a](0002-a.md) [c](0003-c.md)"
    assert decisions_amiss(listed, ["0002-a.md", "0003-c.md"]) == []
    assert decisions_amiss(listed, ["0002-a.md", "0003-b.md", "0003-c.md"]) == [
        "0003-b.md",
        "0003-c.md is not 4",
    ]


def test_a_planted_ruling_is_caught():
    """Its number is put together here, or the check would find it in this very file."""
    planted = f"R{98}"
    assert unknown_rulings("| R4 | who |\n| D2 | what |", [f"as {planted} says", "R4"]) == {planted}
