"""What a reader of the source can check by himself: no request leaves, no statement is glued."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import ledgers

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "facilities", "inspections", "evaluations", "complaints")
RUFF = Path(sys.executable).with_name("ruff")
# Whatever can open a line to somewhere, and who may: each talks to a place of the settings alone.
CALLERS = re.compile(
    r"(urllib\.request|urllib3|http\.client|requests|httpx|aiohttp|socket|ftplib|smtplib|telnetlib"
    r"|imaplib|poplib|xmlrpc|websockets?|paramiko|pycurl)(\.|$)"
)
MAY_CALL = {
    "portal/core/files/clamd.py": "the virus scanner's own socket",
    "portal/core/files/confined.py": "a pair of sockets to the process that opens uploads",
    "portal/core/files/worker.py": "the other end of that pair",
    "portal/embedded/health.py": "asks the portal on this machine whether it is well",
    "portal/embedded/supervise.py": "looks for a free port on this machine",
    "portal/embedded/valkey.py": "waits for the broker on this machine",
}


def sources() -> Iterator[Path]:
    for app in APPS:
        yield from sorted((ROOT / app).rglob("*.py"))


def callers(text: str) -> list[str]:
    """The modules that a file takes in order to open a line."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return [name for name in found if CALLERS.match(name)]


@pytest.mark.proves("sec:X24")
def test_nothing_of_the_portal_calls_anywhere() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if callers(path.read_text(encoding="utf-8"))
    }
    assert found == set(MAY_CALL)


@pytest.mark.parametrize(
    "line",
    ["import requests", "from urllib.request import urlopen", "from urllib import request",
     "import http.client as h", "def f():\n    import socket"],
)  # fmt: skip
def test_a_planted_caller_is_caught(line: str) -> None:
    assert callers(line)
    assert not callers("from urllib.parse import quote\nfrom .requests import Wanted")


# Without the two that find fault with every use of a subprocess, however it is called.
RULES = ("--select", "S,DTZ,DJ", "--ignore", "S404,S603")
A_MODEL = """from django.db import models
class A(models.Model):
    a = models.{}
    def __str__(self): return ""
"""


def ruff(*arguments: str | Path) -> list[dict[str, Any]]:
    """What the rules of security, times and models find."""
    done = subprocess.run(
        [RUFF, "check", "--no-cache", "--output-format", "json", *RULES, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.proves("sec:G17", "sec:X9")
def test_the_rules_of_security_times_and_models_find_nothing() -> None:
    assert [(each["filename"], each["code"]) for each in ruff(*APPS)] == []


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("S608", 'def f(x): return f"SELECT * FROM t WHERE a = {x}"'),
        ("S307", 'def f(x): return eval(x)'),
        ("S602", 'import subprocess\ndef f(x): subprocess.run(x, shell=True)'),
        ("S324", 'import hashlib\ndef f(x): return hashlib.md5(x)'),
        ("DTZ005", "import datetime\nNOW = datetime.datetime.now()"),
        ("DJ001", A_MODEL.format("TextField(null=True)")),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(tmp_path: Path, rule: str, line: str) -> None:
    """By the rule that is named and by no other."""
    (tmp_path / "planted.py").write_text(line + "\n")
    found = ruff("--config", ROOT / "pyproject.toml", tmp_path)
    assert [each["code"] for each in found] == [rule]


# Glued from constants of ours: as many pairs of brackets as lines, the names of our own tables.
GLUED = {"portal/core/audit.py": 1, "portal/core/resealing.py": 1}


def glued(text: str) -> list[int]:
    """Lines that ask the database in words which are neither written in place nor a constant's.

    A constant may be filled (`.format`) with what Django made of a query: its values stay apart.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr not in {"execute", "executemany", "raw", "extra"} or not node.args:
            continue
        if isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            found.append(node.lineno)
    return found


@pytest.mark.proves("sec:X9")
def test_no_statement_is_glued_together() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): len(lines)
        for path in sources()
        if (lines := glued(path.read_text(encoding="utf-8")))
    }
    assert found == GLUED
    assert glued('c.execute("SELECT " + x)\nc.execute(f"SELECT {x}")\nc.execute("SELECT %s", [x])\n'
                 'c.execute("SELECT %s" % x)') == [1, 2, 4]  # fmt: skip


# --- what is installed ----------------------------------------------------------------------------

PINNED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s*]+ .*--hash=sha256:[0-9a-f]{64}\b")
PIP_INSTALL = re.compile(r"\bpip3?\s(.*\s)?install\b")
A_HASH = "--hash=sha256:" + "a" * 64


def packages(text: str) -> list[str]:
    """The packages of a lock, each with its hashes on one line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def unpinned(text: str) -> list[str]:
    """The packages of a lock that are not held by one version and by a hash."""
    return [line for line in packages(text) if not PINNED.match(line)]


def installs(text: str) -> list[str]:
    """The commands of a script that have pip install something."""
    commands = re.split(r"&&|\|\||;|\n", text.replace("\\\n", " "))
    return [each.strip() for each in commands if PIP_INSTALL.search(each)]


def unhashed(text: str) -> list[str]:
    """Those that take whatever bears the name."""
    return [each for each in installs(text) if "--require-hashes" not in each]


@pytest.mark.proves("sec:X22")
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_by_version_and_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert len(packages(text)) > 30
    assert unpinned(text) == []


@pytest.mark.parametrize(
    "line",
    [f"a>=1.0 {A_HASH}", f"a==1.* {A_HASH}", f"a {A_HASH}", "a==1.0", "a==1.0 --hash=sha256:aa",
     f"git+https://git.example/a {A_HASH}", "-e ./a", "  a==1.0"],
)  # fmt: skip
def test_a_planted_package_that_is_not_pinned_is_caught(line: str) -> None:
    sound = f"# made by uv\nb[x]==2.0 ; os_name == 'nt' \\\n    {A_HASH}\n    # via a\n"
    assert unpinned(sound) == []
    assert unpinned(sound + line) == [line.strip()]


@pytest.mark.proves("sec:X22")
@pytest.mark.parametrize("file", ["Dockerfile", "bootstrap.sh"])
def test_packages_are_installed_by_their_hashes_alone(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert installs(text)
    assert unhashed(text) == []


@pytest.mark.parametrize(
    "command",
    ["pip install -r a.lock", "pip3 install a", "python -m pip -q install a", "uv pip install a"],
)
def test_a_planted_package_without_hashes_is_caught(command: str) -> None:
    """Even beside one that is as it should be."""
    sound = "RUN pip install -q \\\n    --require-hashes -r b.lock"
    assert unhashed(sound) == []
    assert unhashed(f"{sound} && {command}") == [command]
    assert unhashed(f"{command} \\\n -q\n{sound}\n") == [f"{command}   -q"]


# --- what is tried --------------------------------------------------------------------------------


def silent(rows: Iterable[Mapping[str, Any]], proofs: ledgers.Proofs) -> list[str]:
    """The cases that no test shows and that do not say why."""
    return [
        row["id"]
        for row in rows
        if not proofs.get(row["id"]) and not str(row.get("not_yet") or "").strip()
    ]


@pytest.mark.proves("sec:G18")
def test_every_case_of_abuse_has_a_test_or_says_why_not() -> None:
    assert silent(ledgers.cases(), ledgers.proofs()) == []


def test_a_planted_case_that_nothing_is_said_of_is_caught() -> None:
    rows = [{"id": "shown"}, {"id": "told", "not_yet": "needs two machines"},
            {"id": "silent"}, {"id": "blank", "not_yet": " "}]  # fmt: skip
    assert silent(rows, {"shown": ["a.py::b"], "silent": []}) == ["silent", "blank"]
