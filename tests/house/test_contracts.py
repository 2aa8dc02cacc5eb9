"""The import contracts hold, and each of them catches a planted violation."""

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "facilities", "inspections", "evaluations", "complaints")
LINT = Path(sys.executable).with_name("lint-imports")
SECTION = "importlinter:contract:"
# By the contract's id: a file, and the line that breaks it there.
PLANTED = [
    ("floors", "portal/core/clock.py", "import facilities.models"),
    ("floors", "inspections/apps.py", "import complaints.apps"),
    ("floors", "complaints/apps.py", "import evaluations.apps"),
    ("rooms", "facilities/workflow.py", "import facilities.queries"),
    ("rooms", "facilities/surprise.py", "x = 1"),
    ("doors", "portal/site/queries.py", "import facilities.views"),
    ("inspections", "portal/site/queries.py", "import inspections.tasks"),
    ("filters", "complaints/queries/surprise.py", "import facilities.filters"),
    ("pure", "facilities/rules/facts.py", "import django"),
    ("pure", "complaints/rules/surprise.py", "import facilities.models"),
    ("ground", "portal/core/models/base.py", "import portal.core.workflow"),
    ("ground", "portal/core/surprise.py", "x = 1"),
]


def contracts(text):
    """The contracts of a configuration: the name of each, by its id."""
    read = ConfigParser()
    read.read_string(text)
    sections = [name for name in read.sections() if name.startswith(SECTION)]
    return {name.removeprefix(SECTION): read[name]["name"] for name in sections}


def unplanted(text, planted=PLANTED):
    """The contracts nobody breaks on purpose."""
    return sorted(set(contracts(text)) - {contract for contract, _file, _line in planted})


def config():
    return (ROOT / ".importlinter").read_text(encoding="utf-8")


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


def test_every_contract_has_a_plant():
    assert unplanted(config()) == []


def test_a_contract_without_a_plant_is_caught():
    more = f"{config()}\n[{SECTION}planted]\nname = Planted\ntype = layers\n"
    assert unplanted(more) == ["planted"]


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
    assert f"{contracts(config())[contract]} BROKEN" in done.stdout.splitlines(), done.stdout
