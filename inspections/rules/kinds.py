"""The three kinds of visit: who may go, what counts, which papers exist and what they may say.

A visit (属地巡查) looks, asks, advises. An administrative inspection (行政检查) is about a matter
that is delegated to the street, is carried out by officers with certificates, approved by a second
person and counted against the yearly cap. A joint one (联合检查) is led by a department.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from portal.core.regulation import Regulation

VISIT, ADMINISTRATIVE, JOINT = "visit", "administrative", "joint"
# Why a team may not go.
TOO_FEW, TIED, NO_CERTIFICATE, NOT_AN_OFFICER, TWICE = (
    "too_few", "tied", "no_certificate", "not_an_officer", "twice",
)  # fmt: skip
# The paper that follows findings.
ADVICE, ORDER = "advice", "order"
RECORDS = {VISIT: "patrol_record", ADMINISTRATIVE: "inspection_record", JOINT: "joint_record"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who might go to a facility on a day."""

    key: str
    visits: bool = True  # holds a role that goes out
    certified: bool = False  # holds an enforcement certificate that is valid on the day
    officer: bool = False  # works for the street, not for a community
    tied: bool = False  # has declared a tie to the facility


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a team cannot be sent: the reason, and whom it is about (empty: the team)."""

    reason: str
    who: str = ""


def is_valid_certificate(valid_from: dt.date, valid_until: dt.date, day: dt.date) -> bool:
    """Whether a certificate may be shown on `day`; both ends count."""
    return valid_from <= day <= valid_until


def why_not(person: Candidate, kind: str) -> str:
    """Why this person may not take part in an inspection of this kind; empty when he may."""
    if person.tied:
        return TIED
    if not person.visits:
        return NOT_AN_OFFICER
    if kind == ADMINISTRATIVE:
        if not person.officer:
            return NOT_AN_OFFICER
        if not person.certified:
            return NO_CERTIFICATE
    return ""


def team_refusals(kind: str, team: Sequence[Candidate], law: Regulation) -> list[Refusal]:
    """Everything that keeps this team from going; an empty list lets it go."""
    found = [Refusal(reason, person.key) for person in team if (reason := why_not(person, kind))]
    keys = [person.key for person in team]
    found += [Refusal(TWICE, key) for key in sorted({k for k in keys if keys.count(k) > 1})]
    if len(set(keys)) < law.integer("inspections.team_min", kind):
        found.append(Refusal(TOO_FEW))
    return found


def misses_lead(kind: str, lead: str) -> bool:
    """Whether a joint inspection names no department that leads it: the street only assists."""
    return kind == JOINT and not lead


def counts_towards_cap(kind: str, selection: str, law: Regulation) -> bool:
    """Whether an inspection is one of those the yearly cap limits.

    Visits, rechecks and what was triggered are not: the cap is about routine inspections.
    """
    return kind == ADMINISTRATIVE and selection in law.texts("inspections.cap_counts")


def cap_reached(counted: int, law: Regulation) -> bool:
    """Whether a facility has had all the administrative inspections of its year."""
    return counted >= law.integer("inspections.yearly_cap")


def may_order(kind: str, delegated: str, in_force: Collection[str]) -> bool:
    """Whether 责令限期整改 may be printed for a finding: only about a delegated matter in force."""
    return kind == ADMINISTRATIVE and bool(delegated) and delegated in in_force


def notices(
    kind: str, matters: Iterable[tuple[str, str]], in_force: Collection[str]
) -> dict[str, list[str]]:
    """Which paper each finding goes on: `matters` are (finding, delegated matter or empty)."""
    sheets: dict[str, list[str]] = {}
    for finding, delegated in matters:
        paper = ORDER if may_order(kind, delegated, in_force) else ADVICE
        sheets.setdefault(paper, []).append(finding)
    return sheets
