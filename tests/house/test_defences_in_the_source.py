"""What a reader of the source can check by himself: no request leaves, no statement is glued."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def ruff(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RUFF, "check", "--no-cache", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.proves("sec:G17", "sec:X9")
def test_the_rules_of_security_times_and_models_find_nothing() -> None:
    """Without the two that find fault with every use of a subprocess, however it is called."""
    done = ruff("--select", "S,DTZ,DJ", "--ignore", "S404,S603", *APPS)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("S608", 'def f(x): return f"SELECT * FROM t WHERE a = {x}"'),
        ("S307", 'def f(x): return eval(x)'),
        ("S602", 'import subprocess\ndef f(x): subprocess.run(x, shell=True)'),
        ("DTZ005", "import datetime\nNOW = datetime.datetime.now()"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(tmp_path: Path, rule: str, line: str) -> None:
    (tmp_path / "planted.py").write_text(line + "\n")
    done = ruff("--config", ROOT / "pyproject.toml", "--select", "S,DTZ,DJ",
                "--output-format", "concise", tmp_path)  # fmt: skip
    assert done.returncode == 1
    assert "planted.py" in done.stdout


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


@pytest.mark.proves("sec:X22")
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_by_version_and_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    packages = [line for line in lines if not line.startswith(" ")]
    assert len(packages) > 30
    for line in packages:
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+ ", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.proves("sec:X22")
@pytest.mark.parametrize("file", ["Dockerfile", "bootstrap.sh"])
def test_packages_are_installed_by_their_hashes_alone(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in text.splitlines() if re.search(r"\bpip3? install\b", line)]
    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


@pytest.mark.proves("sec:G18")
def test_every_case_of_abuse_has_a_test_or_says_why_not() -> None:
    found = ledgers.proofs()
    silent = [
        row["id"] for row in ledgers.cases() if not found.get(row["id"]) and not row.get("not_yet")
    ]
    assert silent == []
