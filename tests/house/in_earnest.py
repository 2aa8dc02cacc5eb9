"""The portal as an office serves it: `./run`'s own web server, behind a proxy that ends TLS."""

from __future__ import annotations

import http.client
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.embedded import keys
from portal.embedded.process import stop_process
from portal.embedded.supervise import Supervisor
from tests.house.standing import Standing

HOST = "portal.example"
OVER_TLS = {"X-Forwarded-Proto": "https"}


@dataclass(frozen=True)
class Answer:
    """What a browser is given."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def one(self, name: str) -> str:
        """The value of a header, as browsers join several; empty without one."""
        return ", ".join(self.all(name))


class InEarnest(Standing):
    """Production's settings, files of the site collected, the command of `./run` itself."""

    def prepare(self) -> None:
        """As `Standing`, with keys, which production does not make by itself, and static files."""
        keys.ensure({"PORTAL_STATE": str(self.state)}, only=("seal", "backup"))
        super().prepare()
        self.run("manage.py", "collectstatic", "--noinput", "--verbosity", "0")

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "PORTAL_PRODUCTION": "1",
            "PUBLIC_ORIGIN": f"https://{HOST}",
            "ALLOWED_HOSTS": HOST,
            "SECRET_KEY": "x" * 60,
            "BEHIND_PROXY": "1",
        }

    def _command(self, name: str) -> list[str]:
        if name == "web":
            return Supervisor(self.state, self.environment).web_command()
        return super()._command(name)

    def get(self, path: str, timeout: float = 10) -> int:
        try:
            return self.ask(path, OVER_TLS, timeout).status
        except (OSError, http.client.HTTPException):
            return 0

    def ask(self, path: str, headers: Mapping[str, str], timeout: float = 60) -> Answer:
        """Ask as the proxy does, which hands on the name that was asked for."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            line.request("GET", path, headers={"Host": HOST, **headers})
            answer = line.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return Answer(answer.status, answer.getheaders(), text)
        finally:
            line.close()

    def opened(self, path: str) -> tuple[dict[str, str], str]:
        """What a browser sends along that has opened a form: headers, and the page's token."""
        page = self.ask(path, OVER_TLS)
        cookies = "; ".join(each.partition(";")[0] for each in page.all("Set-Cookie"))
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, page.status
        return {"Cookie": cookies, "Referer": f"https://{HOST}{path}"}, token[1]

    def close(self) -> None:
        """End the web by a signal it heeds: its workers are of another session's making."""
        if web := self.parts.pop("web", None):
            stop_process(web, signal.SIGTERM, 10)
        super().close()
