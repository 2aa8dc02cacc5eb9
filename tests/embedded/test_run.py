"""`./run` itself, on the portal itself: what a person does first on a fresh machine."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

BASE = Path(__file__).resolve().parents[2]


def start(state, port):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        ["./run"],
        cwd=BASE,
        env={**kept, "PORT": str(port), "PORTAL_STATE": state},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process, word, seconds=600):  # a bound on a hang, however busy the machine is
    lines = []
    deadline = time.monotonic() + seconds
    for line in process.stdout:
        lines.append(line)
        if word in line:
            break
        assert time.monotonic() < deadline, "".join(lines)
    return "".join(lines)


@pytest.mark.proves("prod:T6", "diff:24")
@pytest.mark.lasting(3)
@pytest.mark.full
def test_the_portal_starts_twice_and_keeps_its_data():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        Path(state).chmod(0o711)
        seconds = []
        for _ in range(2):
            process = start(state, port)
            try:
                said = read_until(process, "Ctrl-C")
                assert f"http://127.0.0.1:{port}/" in said
                seconds.append(float(re.search(r"\((\d+\.\d) s\)", said)[1]))
                with urlopen(f"http://127.0.0.1:{port}/") as page:
                    assert page.status == 200
            finally:
                process.send_signal(signal.SIGINT)
                rest, _ = process.communicate(timeout=180)
                assert process.returncode == 0, rest
        assert seconds[1] < 60  # on a quiet machine seconds; here other tests run beside it
