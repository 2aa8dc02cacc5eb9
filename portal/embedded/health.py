"""Asks the running site whether it is well, for the launcher and for containers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"
PATH = "/healthz"


def host_name(environment: Mapping[str, str], port: int) -> str:
    """Give the name the site is configured for: in production it answers to no other."""
    return urlsplit(environment.get("PUBLIC_ORIGIN", "")).netloc or f"{ADDRESS}:{port}"


def answers_well(port: int, host: str) -> bool:
    """Tell whether the site answers 2xx or 3xx; a listening port alone proves nothing."""
    connection = HTTPConnection(ADDRESS, port, timeout=10)
    try:
        connection.request("GET", PATH, headers={"Host": host})
        with connection.getresponse() as response:
            return 200 <= response.status < 400
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    # Inside a container the port is always this one; PORT is the one outside.
    sys.exit(0 if answers_well(8000, host_name(os.environ, 8000)) else 1)
