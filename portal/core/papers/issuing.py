"""Issuing, replacing and withdrawing papers: part of the act that calls them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models

from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models.papers import OfficialPaper, PaperStatus
from portal.core.papers import content, numbering
from portal.core.queries import office
from portal.core.workflow import action, lock, record


class PaperNotValid(Exception):
    """The paper has been replaced or withdrawn already."""


@action
def issue(  # ruff: ignore[too-many-arguments] - a paper has that many sides
    kind: str,
    noun: models.Model,
    *,
    data: Mapping[str, Any],
    by: Actor,
    at: dt.datetime,
    title: str,
    series: str,
    party: str = "",
) -> OfficialPaper:
    """Number, date and freeze a paper about `noun`; the drawing is owed to the outbox.

    `title` names the type only: the public check shows it. `data` comes from `content.paper_data`.
    """
    content.check(data)
    day = clock.day_of(at)
    words = office()
    serial = numbering.next_serial(series, day.year)
    paper = OfficialPaper.objects.create(
        kind=kind,
        title=title,
        letterhead=words.get("letterhead") or words["office"],
        number=numbering.number_text(series, day, serial),
        series=series,
        year=day.year,
        serial=serial,
        noun=noun,
        party=party,
        data=dict(data),
        issued_at=at,
        issued_on=day,
        issued_label=by.user.signature_label if by.user else by.label,
    )
    outbox.post(
        "paper.render", {"paper": str(paper.pk)}, dedup_key=f"paper.render:{paper.pk}", at=at
    )
    record(noun, "paper.issued", by=by, at=at, paper=paper.pk, number=paper.number)
    return paper


@action
def withdraw(paper: OfficialPaper, reason: str, *, by: Actor, at: dt.datetime) -> OfficialPaper:
    """Take a paper back; its number stays used and the public check says so."""
    return _end(paper, PaperStatus.WITHDRAWN, reason, by=by, at=at)


@action
def replace(
    paper: OfficialPaper, successor: OfficialPaper, reason: str, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """Let `successor` (issued before, usually in the same act) take the place of `paper`."""
    if successor.pk == paper.pk or not successor.is_valid:
        raise ValueError("a paper is replaced by another one that stands")
    return _end(paper, PaperStatus.REPLACED, reason, by=by, at=at, successor=successor)


def _end(
    paper: OfficialPaper,
    status: PaperStatus,
    reason: str,
    *,
    by: Actor,
    at: dt.datetime,
    successor: OfficialPaper | None = None,
) -> OfficialPaper:
    if not reason.strip():
        raise ValueError("a paper does not end without a reason")
    paper = lock(paper)
    if not paper.is_valid:
        raise PaperNotValid(paper.status)
    paper.status = status
    paper.status_reason = reason
    paper.status_on = clock.day_of(at)
    paper.replaced_by = successor
    paper.save(update_fields=["status", "status_reason", "status_on", "replaced_by"])
    heir = {"successor": successor.number} if successor else {}
    record(paper.noun, f"paper.{status}", by=by, at=at, paper=paper.pk, number=paper.number, **heir)
    return paper
