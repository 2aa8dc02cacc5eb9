"""How the office's list of complaints grows from 1,000 to 100,000 of them.

    .venv/bin/python benchmarks/complaints.py [--rows 100000] [--rounds 30] [--plans]

As benchmarks/find.py does it: a cluster of its own, two databases, the sizes measured in turns.
Prints queries, p50 and p95 for both sizes with the ratio of the p95 for the list, its tabs, its
filters and the two-character search over what staff wrote. Limits: 12 queries, 3 times. One in
thirty is open, as in an office that answers. `--plans` prints which index serves each list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from typing import Any

import find

MOST_QUERIES = 12
FACILITIES, OPEN_EVERY = 300, 30
TODAY = dt.date(2026, 11, 23)
LIST = "/desk/complaints/"
PAGES = {
    "list": LIST,
    "received": f"{LIST}?state=received",
    "working": f"{LIST}?state=working",
    "approval": f"{LIST}?state=approval",
    "ended": f"{LIST}?state=ended",
    "every": f"{LIST}?state=every",
    "last page": f"{LIST}?state=every&page=9999",
    "two characters": f"{LIST}?state=every&q=收费",
    "two, open": f"{LIST}?q=收费",
    "rare words": f"{LIST}?state=every&q=铅笔",
    "facility": f"{LIST}?state=every&q=太阳",
    "number": f"{LIST}?state=every&q=TS-00000500",
    "absent": f"{LIST}?state=every&q=没有这家",
    "category": f"{LIST}?state=every&category=C8",
    "severity": f"{LIST}?state=every&severity=major",
    "channel": f"{LIST}?state=every&channel=phone",
    "handler": f"{LIST}?state=every&handler=",
    "mine": f"{LIST}?mine=yes",
    "mine, every": f"{LIST}?state=every&mine=yes",
    "overdue": f"{LIST}?due=overdue",
    "this week": f"{LIST}?due=week",
    "all at once": f"{LIST}?state=every&q=收费&category=C8&severity=major&channel=web",
}
MATTERS = ("收费", "退费", "餐食", "卫生", "空调", "接送", "门锁", "噪声", "班额", "课程")
CATEGORIES = ("C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11")
OPEN_STATES = ("received", "accepted", "investigating", "referred", "reply_proposed")
CHANNELS = ("web", "web", "phone", "counter", "hotline")


def fill(rows: int) -> None:
    """Migrate, load the regulation, and write that many complaints about some facilities."""
    from django.core.management import call_command
    from django.db import connections

    find.fill(FACILITIES)
    people = staff()
    for start in range(1, rows + 1, 5000):
        _write(range(start, min(start + 5000, rows + 1)), people)
    call_command("createcachetable", database="owner", verbosity=0)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def staff() -> list[Any]:
    """Twenty who deal with complaints; the first looks at the list, the last decides."""
    from portal.core.models import RoleAssignment, User
    from portal.core.roles import Role

    made = User.objects.bulk_create(
        User(username=f"handler{n}", display_name=f"岗位{n}") for n in range(20)
    )
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=each, role=Role.HANDLER, valid_from=dt.date(2020, 1, 1))
        for each in made
    )
    return made


def _write(numbers: range, people: list[Any]) -> None:
    from complaints.models import Complaint
    from facilities.models import Facility
    from portal.core import search

    facilities = list(Facility.objects.select_related("community").order_by("code"))
    # As the act makes them; those of the names once a facility, since initials take their time.
    named = [
        set(search.grams(each.name, each.short_name, spoken=(each.name, each.short_name)))
        for each in facilities
    ]
    made = []
    for number in numbers:
        at = number * 7 % len(facilities)
        place = facilities[at]
        case = Complaint(**_columns(number, people), facility=place, community=place.community)
        words = search.grams(case.number, case.title, case.summary)
        case.search_grams = sorted(named[at] | set(words))
        made.append(case)
    Complaint.objects.bulk_create(made)


def _columns(number: int, people: list[Any]) -> dict[str, Any]:
    """A complaint that differs from the next as complaints do; nothing of it is sealed."""
    is_open = number % OPEN_EVERY == 0
    ago = number % 90 if is_open else 90 + number % 2000
    received = TODAY - dt.timedelta(days=ago)
    word = "铅笔" if number % 997 == 0 else MATTERS[number % len(MATTERS)]
    common = {
        "number": f"TS-{number:08d}", "code_hash": "!", "category": CATEGORIES[number * 3 % 8],
        "submit_key": hashlib.sha256(str(number).encode()).hexdigest(), "received_on": received,
        "severity": ("minor", "major", "critical")[number % 3],
        "channel": CHANNELS[number % len(CHANNELS)],
        "title": f"{word}问题{number}", "summary": f"家长反映{word}的情况，街道正在核实。",
        "respond_due": received + dt.timedelta(days=7), "erase_after": TODAY,
        "finish_due": received + dt.timedelta(days=60), "handler": people[number % 19],
    }  # fmt: skip
    return common | (_open(number, people) if is_open else _ended(received, people))


def _open(number: int, people: list[Any]) -> dict[str, Any]:
    state = ("received", "accepted", "investigating", "referred", "reply_proposed")[
        number // 30 % 5
    ]
    if state == "reply_proposed":
        return {"state": state, "result": "upheld", "proposed_by": people[0]}
    return {"state": state} | ({"handler": None} if state == "received" else {})


def _ended(received: dt.date, people: list[Any]) -> dict[str, Any]:
    return {
        "state": "archived", "result": "upheld", "closed_on": received + dt.timedelta(days=20),
        "first_closed_on": received + dt.timedelta(days=20), "first_result": "upheld",
        "proposed_by": people[0], "decided_by": people[19],
    }  # fmt: skip


def sign_in() -> Any:
    """The first of the staff, in the database that is open."""
    from django.test import Client

    from portal.core.models import User

    person = User.objects.get(username="handler0")
    PAGES["handler"] = f"{LIST}?state=every&handler={person.pk}"
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


def plans() -> None:
    """Which index serves each list of the large database."""
    from django.http import QueryDict
    from django.test import RequestFactory

    from complaints import queries
    from complaints.filters import ComplaintFilter
    from portal.core import clock
    from portal.core.models import User

    request: Any = RequestFactory().get(LIST)
    request.user = User.objects.get(username="handler0")
    for name, address in PAGES.items():
        asked = QueryDict(address.partition("?")[2])
        seen = queries.office_cases(request.user)
        found = ComplaintFilter(asked, seen, request=request, at=clock.now())
        rows = found.qs.order_by(*found.order)
        for what, query in (("rows", rows[:20]), ("tabs", found.any_state.order_by().values("pk"))):
            words = query.explain(analyze=True)
            used = [w.partition(" on ")[0].strip() + " " + w.partition(" on ")[2].split("  ")[0]
                    for w in words.split("\n") if "Scan" in w]  # fmt: skip
            took = words.rpartition("Execution Time: ")[2]
            sys.stdout.write(f"{name} {what}: {took}: {'; '.join(used)}\n")


def main() -> None:
    """Fill two databases, measure, say whether the limits hold."""
    options = find.options_of(__doc__)
    options.add_argument("--plans", action="store_true")
    asked = options.parse_args()

    def run() -> bool:
        if asked.plans:
            find.use(asked.rows)
            sign_in()
            plans()
        lines = find.measure((find.SMALL, asked.rows), asked.rounds, PAGES, sign_in)
        return find.report(lines, MOST_QUERIES)

    find.in_own_databases("complaints", fill, asked.rows, run)


if __name__ == "__main__":
    main()
