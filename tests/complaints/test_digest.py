"""Kept conditions of the list tell their owner once a day what they found the day before."""

from __future__ import annotations

import datetime as dt

import pytest

from complaints import actions, tasks
from portal.core import outbox, saving
from portal.core.models import Notification, SavedView, User
from portal.core.roles import Role
from tests import makers
from tests.complaints import makers as make
from tests.complaints.makers import AT, actor

pytestmark = pytest.mark.django_db
NEXT = AT + dt.timedelta(days=1)
ROLES = [Role.HANDLER, Role.APPROVER]


def kept(by: User, name: str, query: str, *, is_shared: bool = False) -> SavedView:
    return saving.save_view(
        tasks.LIST, name, query, roles=ROLES, is_shared=is_shared, by=actor(by), at=AT
    )


def heard(person: User) -> list[str]:
    outbox.drain(NEXT)
    rows = Notification.objects.filter(to=person, kind="complaint.hits")
    return [row.body for row in rows]


@pytest.mark.proves("prod:K9")
def test_new_hits_are_told_once_a_day_to_whoever_kept_the_conditions() -> None:
    by, colleague = make.handler(), makers.approver()
    kept(by, "收费的", "category=C8", is_shared=True)
    kept(by, "餐食的", "category=C7")
    kept(by, "没有的", "category=C4&severity=minor")
    for category in ("C8", "C8", "C7", "C9"):
        make.complaint(category)
    make.complaint("C8", at=AT - dt.timedelta(days=3))
    assert tasks.tell_new_hits(AT) == 0, "nothing came the day before"
    assert tasks.tell_new_hits(NEXT) == 1
    assert tasks.tell_new_hits(NEXT) == 0
    assert sorted(heard(by)[0].split("；")) == ["收费的 2 件", "餐食的 1 件"]
    assert heard(colleague) == []
    assert Notification.objects.get(to=by, kind="complaint.hits").at < NEXT


@pytest.mark.proves("prod:K9", "sec:C9")
def test_what_one_does_not_see_is_not_counted() -> None:
    by, tied = make.handler(), make.handler()
    gone = kept(by, "紧急的", "severity=critical")
    kept(tied, "收费的", "category=C8")
    make.complaint("C1")
    case = make.complaint("C8")
    actions.declare_tie("邻居", complaint=case, by=actor(tied), at=AT)
    assert tasks.tell_new_hits(NEXT) == 0
    make.complaint("C8")
    assert tasks.tell_new_hits(NEXT) == 1
    assert heard(tied) == ["收费的 1 件"]
    assert heard(by) == []
    saving.delete_view(gone, by=actor(by), at=AT)


def test_conditions_thrown_away_before_the_message_came_are_left_out() -> None:
    by = make.handler()
    one, _other = kept(by, "收费的", "category=C8"), kept(by, "全部在办", "channel=web")
    make.complaint("C8")
    assert tasks.tell_new_hits(NEXT) == 1
    saving.delete_view(one, by=actor(by), at=AT)
    assert heard(by) == ["全部在办 1 件"]
