"""Database addresses, as the environment gives them, turned into what Django wants."""

from __future__ import annotations

from typing import Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

DJANGO_KEYS = {
    "dbname": "NAME",
    "user": "USER",
    "password": "PASSWORD",
    "host": "HOST",
    "port": "PORT",
}


class BadUrlError(ValueError):
    """An address that cannot be read. The message never repeats it: it may hold a password."""


def parse_database_url(url: str) -> dict[str, Any]:
    """Give the DATABASES entry for a `postgresql://` address.

    libpq's own parser does the reading, so `?host=/socket/dir`, percent-encoding, IPv6 and every
    connection option (`sslmode`, `connect_timeout`, …) mean here what they mean to psql.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadUrlError("数据库地址应以 postgresql:// 开头 / expected a postgresql:// address")
    if "#" in url:
        raise BadUrlError("数据库地址中的 # 应写作 %23 / write # as %23 in a database address")
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise BadUrlError("数据库地址无法解析 / cannot parse the database address") from None
    if not parts.get("dbname"):
        raise BadUrlError("数据库地址缺少库名 / the database address names no database")
    entry = {name: str(parts.pop(key, "")) for key, name in DJANGO_KEYS.items()}
    return {"ENGINE": "django.db.backends.postgresql", **entry, "OPTIONS": parts}
