"""The import contracts hold, and each of them catches a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "facilities", "inspections", "evaluations", "complaints")
LINT = Path(sys.executable).with_name("lint-imports")
PLANTED = [
    ("Floors", "portal/core/clock.py", "import facilities.models"),
    ("Floors", "inspections/apps.py", "import complaints.apps"),
    ("Floors", "complaints/apps.py", "import evaluations.apps"),
    ("Rooms", "facilities/workflow.py", "import facilities.queries"),
    ("Rooms", "facilities/surprise.py", "x = 1"),
    ("Doors", "portal/site/queries.py", "import facilities.views"),
    ("Rules know", "facilities/rules/facts.py", "import django"),
    ("Ground", "portal/core/models/base.py", "import portal.core.workflow"),
]


def lint(folder):
    return subprocess.run(
        [LINT, "--config", folder / ".importlinter", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.full
@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_violation_is_caught(tmp_path, contract, file, line):
    ignore = shutil.ignore_patterns("__pycache__", "*.yaml", "*.typ")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    with (tmp_path / file).open("a") as planted:
        planted.write(f"\n{line}\n")
    done = lint(tmp_path)
    assert done.returncode != 0
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(row.startswith(contract) for row in broken), done.stdout
