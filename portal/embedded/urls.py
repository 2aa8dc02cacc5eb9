"""Database and mail addresses, as the environment gives them, turned into what Django wants."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

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


_NO_SERVER = {"host": "", "port": "25", "user": "", "password": "", "tls": ""}
_TRYING_OUT = {"": "dummy", "console:": "console", "file:": "filebased"}
_MAIL_SERVERS = {"smtp": ("587", "start"), "smtps": ("465", "whole"), "smtp+plain": ("25", "")}


def mail_settings(url: str) -> dict[str, str]:
    """Give backend, host, port, user, password and kind of TLS; an empty address sends nothing.

    `smtp://user:password@host:587` (STARTTLS), `smtps://…:465` (TLS from the start),
    `smtp+plain://host:25` (neither, for a relay on the same machine), and for trying out
    `console:` and `file:` (letters in the log, or as files in the state folder).
    """
    if url in _TRYING_OUT:
        return {"backend": _TRYING_OUT[url], **_NO_SERVER}
    try:
        parts = urlsplit(url)
        given = parts.port
    except ValueError:
        raise BadUrlError("邮件服务器地址无法解析 / cannot parse the mail address") from None
    if parts.scheme not in _MAIL_SERVERS or not parts.hostname:
        known = "smtp://, smtps://, smtp+plain://, console:, file:"
        raise BadUrlError(f"邮件服务器地址应为 / the mail address should be one of: {known}")
    port, tls = _MAIL_SERVERS[parts.scheme]
    return {
        "backend": "smtp",
        "host": parts.hostname,
        "port": str(given or port),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": tls,
    }
