"""The list of people of a filing: person by person, many at once, and the list as a whole.

The section keeps {"staff": rows, "typed": half-typed pages, "known": members of the register a
change filing began with}. A row has an id, so that it can be followed over rounds, and a version of
its own, so that two people may work on two persons at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from facilities.models import Filing, FilingSection
from facilities.models.choices import SectionKey
from facilities.workflow import SectionStatus
from portal.core.actors import Actor
from portal.core.identifiers import uuid7
from portal.core.workflow import action, lock

from .filing import Incomplete, Stale, autosave_section, save_section
from .persons import with_keys

KEY = SectionKey.STAFF
Row = Mapping[str, Any]
Kept = dict[str, Any]


@action
def keep_staff_row(
    filing: Filing, row_id: UUID, values: Row, *, version: int, by: Actor, at: dt.datetime
) -> Kept:
    """Add a person or change one; the same page sent twice is kept once.

    Raises Stale when the person was changed by another page since `version` (0 for a new one),
    SectionLocked when a correction does not name the section.
    """
    kept = _draft(filing)["staff"]
    fresh = with_keys([values], kept)[0]
    section = _section(filing)
    draft = _opened(section)
    rows: list[Kept] = draft["staff"]
    stored = _find(rows, row_id)
    if stored and _values(stored) == _values(fresh):
        return stored
    if (stored["version"] if stored else 0) != version:
        raise Stale(section)
    row = {**fresh, "id": str(row_id), "version": version + 1}
    rows = [row if each is stored else each for each in rows] if stored else [*rows, row]
    typed = {key: kept for key, kept in draft["typed"].items() if key != str(row_id)}
    _keep(filing, section, {**draft, "staff": rows, "typed": typed}, by=by, at=at)
    return row


@action
def remove_staff_row(filing: Filing, row_id: UUID, *, by: Actor, at: dt.datetime) -> None:
    """Take a person off the list; taking off twice is the same as once."""
    section = _section(filing)
    draft = _opened(section)
    rows = [row for row in draft["staff"] if row["id"] != str(row_id)]
    typed = {key: kept for key, kept in draft["typed"].items() if key != str(row_id)}
    _keep(filing, section, {**draft, "staff": rows, "typed": typed}, by=by, at=at)


@action
def import_staff_rows(
    filing: Filing, sound: Sequence[Row], *, by: Actor, at: dt.datetime
) -> tuple[int, int]:
    """Bring many people in; one who is on the list already is brought up to date.

    Returns (added, changed).
    """
    fresh = with_keys(sound, _draft(filing)["staff"])
    section = _section(filing)
    draft = _opened(section)
    rows: list[Kept] = [dict(row) for row in draft["staff"]]
    places = {row["identity_key"]: place for place, row in enumerate(rows)}
    added = changed = 0
    for row in fresh:
        place = places.get(row["identity_key"])
        if place is None:
            rows.append({**row, "id": str(uuid7()), "version": 1})
            places[row["identity_key"]] = len(rows) - 1
            added += 1
        elif _values(rows[place]) != _values(row):
            version = rows[place]["version"] + 1
            rows[place] = {**row, "id": rows[place]["id"], "version": version}
            changed += 1
    _keep(filing, section, {**draft, "staff": rows}, by=by, at=at)
    return added, changed


@action
def keep_staff_typing(
    filing: Filing, row_id: UUID, typed: Row, *, by: Actor, at: dt.datetime
) -> None:
    """Keep a half-typed person, without the person having pressed anything."""
    section = _section(filing)
    draft = _opened(section)
    if draft["typed"].get(str(row_id)) == dict(typed):
        return
    draft["typed"] = {**draft["typed"], str(row_id): dict(typed)}
    _keep(filing, section, draft, by=by, at=at)


@action
def finish_staff(filing: Filing, *, by: Actor, at: dt.datetime) -> None:
    """The list is whole for now; raises Incomplete when nobody is on it."""
    section = _section(filing)
    draft = _opened(section)
    if not draft["staff"]:
        raise Incomplete([KEY])
    draft["typed"] = {}
    save_section(filing, KEY, draft, _answers(draft), version=section.version, by=by, at=at)


def _keep(
    filing: Filing, section: FilingSection, draft: Kept, *, by: Actor, at: dt.datetime
) -> None:
    """A list that was whole stays so while somebody is on it; a correction is settled by hand."""
    status = section.status
    was_whole = status in {SectionStatus.COMPLETE, SectionStatus.FLAGGED}
    answers = _answers(draft) if was_whole and draft["staff"] else None
    save = autosave_section if status == SectionStatus.FLAGGED else save_section
    save(filing, KEY, draft, answers, version=section.version, by=by, at=at)


def _answers(draft: Row) -> Kept:
    known = {"known": draft["known"]} if draft.get("known") else {}
    return {"staff": draft["staff"], **known}


def _section(filing: Filing) -> FilingSection:
    lock(filing)
    section, _ = FilingSection.objects.get_or_create(filing=filing, key=KEY)
    return section


def _draft(filing: Filing) -> Kept:
    section = filing.sections.filter(key=KEY).first()
    return _opened(section) if section else {"staff": [], "typed": {}}


def _opened(section: FilingSection) -> Kept:
    stored = section.draft or section.answers or {}
    return {"staff": [], "typed": {}, **stored}


def _find(rows: Sequence[Kept], row_id: UUID) -> Kept | None:
    return next((row for row in rows if row["id"] == str(row_id)), None)


def _values(row: Row) -> Kept:
    return {name: value for name, value in row.items() if name not in {"id", "version"}}
