"""Lines of the log: what happened and where, never what people wrote.

The text of an exception may quote a value ("Key (username)=… already exists"), so of an exception
only its kind and its place are kept.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback
from types import TracebackType

from .audit import request_id

_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Plain(logging.Formatter):
    """One line for people."""

    def formatException(self, ei: _Info) -> str:  # ruff: ignore[invalid-function-name]
        """Kind and place of the fault and of what caused it."""
        return "\n".join(_places(ei[1]))


class Json(Plain):
    """One line for machines, with the number of the request that the audit trail has too."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        number = request_id.get()
        said: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if number:
            said["request"] = str(number)
        if record.exc_info:
            said["fault"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def _places(fault: BaseException | None) -> list[str]:
    lines: list[str] = []
    while fault is not None and len(lines) < 200:
        lines.append(f"{type(fault).__module__}.{type(fault).__qualname__}")
        frames = traceback.extract_tb(fault.__traceback__)
        lines += [f"  {each.filename}:{each.lineno} {each.name}" for each in frames]
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return lines
