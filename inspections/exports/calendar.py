"""The visits of a person as a calendar file (RFC 5545): day, facility, kind, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.conf import settings

from inspections.models import Inspection

LINE = 73  # octets of a line, so that no text is cut in the middle of a character
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def calendar_file(visits: Iterable[Inspection], at: dt.datetime) -> str:
    """One whole-day event a visit; the address leads to its page, which asks who is looking."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//inspections//ZH"]
    for visit in visits:
        lines += _event(visit, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line))


def _event(visit: Inspection, at: dt.datetime) -> list[str]:
    """A day without an end is that day (RFC 5545, 3.6.1)."""
    title = f"{visit.get_kind_display()} {visit.facility.name}"
    place = f"{visit.facility.community} {visit.facility.address}"
    return [
        "BEGIN:VEVENT",
        f"UID:{visit.pk}@inspections",
        f"DTSTAMP:{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{visit.planned_on:%Y%m%d}",
        f"SUMMARY:{title.translate(_ESCAPED)}",
        f"LOCATION:{place.translate(_ESCAPED)}",
        f"URL:{settings.PUBLIC_ORIGIN}/desk/inspections/{visit.number}/",
        "END:VEVENT",
    ]


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most LINE octets; the later ones begin with a blank."""
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > LINE:
            yield piece
            piece = " "
        piece += letter
    yield piece
