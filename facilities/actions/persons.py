"""Fingerprints of persons, so that the same one is found elsewhere without opening anything.

One costs about 50 ms on purpose (portal.core.crypto): it is reckoned when a number is entered and
kept beside it, never when a page is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from facilities.models import Filing
from portal.core.crypto import blind_index
from portal.core.identifiers import normalise, normalise_identity, normalise_phone

PERSON, MANAGER = "person", "manager"
_AT_ONCE = 4  # the reckoning lets other threads run, and takes 16 MiB each


def identity_key(identity: str) -> str:
    """The fingerprint of an identity number."""
    return blind_index(normalise_identity(identity), PERSON)


def manager_key(name: str, phone: str) -> str:
    """The fingerprint of a manager by name and phone; not comparable with identity numbers."""
    plain = "".join(normalise(name).split())
    return blind_index(f"{plain}\n{normalise_phone(phone)}", MANAGER)


def with_keys(
    rows: Iterable[Mapping[str, Any]], stored: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """The rows with the fingerprint of each number, taken from `stored` where it is known."""
    known = {row["identity"]: row["identity_key"] for row in stored if row.get("identity_key")}
    listed = [dict(row) for row in rows]
    unknown = list(dict.fromkeys(r["identity"] for r in listed if r["identity"] not in known))
    if len(unknown) > 1:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            known |= dict(zip(unknown, pool.map(identity_key, unknown), strict=True))
    else:
        known |= {number: identity_key(number) for number in unknown}
    return [row | {"identity_key": known[row["identity"]]} for row in listed]


def person_keys(answers: Mapping[str, Any]) -> list[str]:
    """The fingerprints of everybody a report names: staff, and the manager by name and phone."""
    staff = (answers.get("staff") or {}).get("staff") or []
    found = [row["identity_key"] for row in with_keys(staff, staff)]
    registration = answers.get("registration") or {}
    if registration.get("manager") and registration.get("manager_phone"):
        found.append(manager_key(registration["manager"], registration["manager_phone"]))
    return list(dict.fromkeys(found))


def keep_person_keys(filing: Filing, answers: Mapping[str, Any]) -> None:
    """Keep on the filing the fingerprints of everybody it names, for the duplicates of a review."""
    filing.person_keys = person_keys(answers)
    filing.save(update_fields=["person_keys"])
