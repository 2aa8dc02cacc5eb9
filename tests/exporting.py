"""Lists taken away as files, as a person at the desk does it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from portal.core import exports, jobs
from portal.core.actors import Actor
from portal.core.models import Job, User


def client(person: User) -> Client:
    """A browser in which the person is signed in."""
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def fetch(person: User, name: str, query: str = "", ending: str = "xlsx") -> bytes:
    """The file of the list with the filter of that address."""
    address = f"{reverse('desk:export', args=[name])}?{query}"
    answer: Any = client(person).post(address, {"format": ending})
    assert answer.status_code == 200, answer
    return b"".join(answer.streaming_content)


def table(person: User, name: str, query: str = "") -> list[list[Any]]:
    """The workbook: its head, and its rows."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(fetch(person, name, query)))
    return book.get_sheet_by_index(0).to_python()


def rows(person: User, name: str, query: str = "") -> list[list[Any]]:
    """The rows of the workbook, without its head."""
    return table(person, name, query)[1:]


def asked(person: User, name: str, query: str = "") -> int:
    """How often the database is asked for the file."""
    here = client(person)
    address = f"{reverse('desk:export', args=[name])}?{query}"
    with CaptureQueriesContext(connection) as seen:
        answer: Any = here.post(address, {"format": "csv"})
        b"".join(answer.streaming_content)
    return len(seen)


def queued(person: User, name: str, query: str, *, at: dt.datetime, ending: str = "csv") -> Job:
    """The job that a long list becomes; nobody has worked on it yet."""
    params = {"name": name, "format": ending, "query": query}
    return jobs.request(exports.KIND, "示例", params, by=Actor.person(person), at=at)


def query(address: str) -> QueryDict:
    """The conditions of an address."""
    return QueryDict(address)
