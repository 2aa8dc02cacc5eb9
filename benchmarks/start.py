"""How long from a clean clone to the first answer, and how long the second time.

    python3 benchmarks/start.py [--user NAME]

Clones HEAD into a new folder, runs `./run` on a free port twice, asks /healthz until it answers,
stops it with Ctrl-C, and prints both times. Goals: 300 s with the network, 20 s the second time;
one that is missed makes it end with 1.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOALS = (300.0, 20.0)


def free_port() -> int:
    """A port of the loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clone(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The last commit in a folder of its own, owned by whoever will run it."""
    target = folder / "portal"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    if user:
        subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", str(folder)], check=True)
    return target


def start(folder: Path, user: pwd.struct_passwd | None) -> float:
    """Seconds until /healthz answers; the portal is stopped again."""
    port = free_port()
    env = {**os.environ, "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    who = {}
    if user:
        env |= {"HOME": str(folder), "USER": user.pw_name}
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    began = time.monotonic()
    portal = subprocess.Popen(
        ["./run"], cwd=folder, env=env, stdout=subprocess.DEVNULL, start_new_session=True, **who
    )
    try:
        while portal.poll() is None and time.monotonic() - began < 2 * GOALS[0]:
            if answers(port):
                return time.monotonic() - began
            time.sleep(0.1)
        raise SystemExit("./run did not answer")
    finally:
        os.killpg(portal.pid, signal.SIGINT)
        portal.wait(60)


def answers(port: int) -> bool:
    """Whether the site says it lives."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def main() -> None:
    """Measure twice and compare with the goals."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--user", help="run as this user (needs root)")
    name = options.parse_args().user
    user = pwd.getpwnam(name) if name else None
    folder = Path(tempfile.mkdtemp(prefix="portal-start-"))
    folder.chmod(0o755)
    missed = []
    try:
        target = clone(folder, user)
        for label, goal in zip(("first", "second"), GOALS, strict=True):
            took = start(target, user)
            sys.stdout.write(f"{label} start {took:.1f} s, {took / goal:.2f} of the goal\n")
            if took > goal:
                missed.append(f"the {label} start took {took:.1f} s, more than {goal:.0f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if missed:
        raise SystemExit("; ".join(missed))


if __name__ == "__main__":
    main()
