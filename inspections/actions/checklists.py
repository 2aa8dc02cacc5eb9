"""Checklists: loading those that come along, and new versions published by two persons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from inspections.models import Checklist, ChecklistItem, ChecklistVersion, DelegatedItem
from inspections.models.choices import Audience
from inspections.workflow import ChecklistStatus, Severity
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply, one_at_a_time, record

from .problems import EmptyChecklist, NoSuchItem
from .stepping import tell_proposer

DATA = Path(__file__).resolve().parent.parent / "data"
ITEM_FIELDS = (
    "code", "section", "text", "severity", "basis", "basis_verified", "departments", "delegated",
    "expands", "measure_label", "measure_unit", "measure_min", "wants_photo",
)  # fmt: skip

# What is changed for one question at a time; words, severity and order are changed as lines.
CHANGED_APART = (
    "basis", "departments", "delegated", "expands", "measure_label", "measure_unit",
    "measure_min", "wants_photo",
)  # fmt: skip


def load_checklists() -> int:
    """The lists that came with the portal and are not here; one that is here is left alone."""
    content = yaml.load((DATA / "checklists.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    at = clock.now()
    return sum(
        _load_one(entry, place, at) for place, entry in enumerate(content["checklists"], start=1)
    )


def _load_one(entry: Mapping[str, Any], place: int, at: dt.datetime) -> int:
    checklist, is_new = Checklist.objects.get_or_create(
        slug=entry["slug"],
        defaults={
            "name": entry["name"],
            "prefix": entry["prefix"],
            "audience": Audience(entry["audience"]).value,
            "position": place,
        },
    )
    if not is_new:
        return 0
    version = ChecklistVersion.objects.create(
        checklist=checklist, version=1, state=ChecklistStatus.PUBLISHED, created_at=at,
        published_on=clock.day_of(at),
    )  # fmt: skip
    return len(ChecklistItem.objects.bulk_create(list(_items(entry, version))))


def _items(entry: Mapping[str, Any], version: ChecklistVersion) -> Iterator[ChecklistItem]:
    place = 0
    for section in entry["sections"]:
        for row in section["items"]:
            place += 1
            measure = row.get("measure") or {}
            yield ChecklistItem(
                version=version,
                code=row["code"],
                position=place,
                section=section["name"],
                text=row["text"],
                severity=Severity(row["severity"]).value,
                basis=row.get("basis", []),
                departments=row.get("departments", []),
                delegated=row.get("delegated", ""),
                expands=row.get("expands", []),
                measure_label=measure.get("label", ""),
                measure_unit=measure.get("unit", ""),
                measure_min=measure.get("minimum"),
                wants_photo=row.get("photo", False),
            )


def load_delegated() -> int:
    """The delegated matters that are known of; each waits to be confirmed by two persons here."""
    content = yaml.load((DATA / "delegated.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    known = set(DelegatedItem.objects.values_list("code", flat=True))
    new = [DelegatedItem(**row) for row in content["delegated"] if row["code"] not in known]
    return len(DelegatedItem.objects.bulk_create(new))


@action
def start_version(checklist: Checklist, *, by: Actor, at: dt.datetime) -> ChecklistVersion:
    """A copy of the version in use to be edited; the open one where there is one already."""
    one_at_a_time(f"checklist:{checklist.pk}")
    open_states = [ChecklistStatus.DRAFT, ChecklistStatus.PROPOSED]
    if standing := checklist.versions.filter(state__in=open_states).first():
        return standing
    newest = checklist.versions.order_by("-version").first()
    made = ChecklistVersion.objects.create(
        checklist=checklist,
        version=newest.version + 1 if newest else 1,
        created_by=by.somebody,
        created_at=at,
    )
    if newest is not None:
        rows = newest.items.order_by("position").values(*ITEM_FIELDS, "position")
        ChecklistItem.objects.bulk_create(ChecklistItem(version=made, **row) for row in rows)
    record(made, "checklistversion.start", by=by, at=at, version=made.version)
    return made


@action
def keep_items(
    version: ChecklistVersion,
    rows: Sequence[Mapping[str, Any]],
    note: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> ChecklistVersion:
    """Keep the questions of a version as they are now, in their order; whoever edits proposes."""
    done: ChecklistVersion = apply(
        version, "edit", by=by, at=at, sets=lambda _: {"note": note}, items=len(rows)
    )
    done.items.all().delete()
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            version=done,
            position=place,
            **{name: row[name] for name in ITEM_FIELDS if name in row},
        )
        for place, row in enumerate(rows, start=1)
    )
    return done


@action
def change_item(
    version: ChecklistVersion, code: str, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> ChecklistItem:
    """Change what a question rests on and asks for besides its words; raises NoSuchItem.

    Another basis has been read by nobody yet: it counts as not checked (R30).
    """
    done: ChecklistVersion = apply(version, "edit", by=by, at=at, item=code)
    item = done.items.filter(code=code).first()
    if item is None:
        raise NoSuchItem(code)
    if list(values["basis"]) != item.basis:
        item.basis_verified = False
    for name in CHANGED_APART:
        setattr(item, name, values[name])
    item.save(update_fields=[*CHANGED_APART, "basis_verified"])
    return item


@action
def propose_version(version: ChecklistVersion, *, by: Actor, at: dt.datetime) -> ChecklistVersion:
    """Put a version before a second person. Raises EmptyChecklist."""
    if not version.items.exists():
        raise EmptyChecklist
    done: ChecklistVersion = apply(
        version, "propose", by=by, at=at, sets=lambda _: {"proposed_by": by.somebody}
    )
    people = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(people, "checklist.proposed", done, at=at, once=at.isoformat())
    return done


@action
def publish_version(version: ChecklistVersion, *, by: Actor, at: dt.datetime) -> ChecklistVersion:
    """The second person puts it into use; visits that were opened with another keep theirs."""
    one_at_a_time(f"checklist:{version.checklist_id}")
    in_use = ChecklistVersion.objects.filter(
        checklist=version.checklist_id, state=ChecklistStatus.PUBLISHED
    )
    columns = {"published_by": by.somebody, "published_on": clock.day_of(at)}
    version.machine.check(version.state, "publish")
    for old in in_use.exclude(pk=version.pk):
        apply(old, "supersede", by=Actor.calendar(), at=at)
    done: ChecklistVersion = apply(version, "publish", by=by, at=at, sets=lambda _: columns)
    tell_proposer(done, "checklist.published", at)
    return done


@action
def hand_back_version(
    version: ChecklistVersion, reason: str, *, by: Actor, at: dt.datetime
) -> ChecklistVersion:
    """The second person returns it, with a reason."""
    columns = {"decision_reason": reason}
    done: ChecklistVersion = apply(
        version, "hand_back", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    tell_proposer(done, "checklist.handed_back", at)
    return done
