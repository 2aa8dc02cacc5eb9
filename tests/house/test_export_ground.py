"""A file that a job wrote is for who still stands on the ground on which it was written (W17, C9).

That the person may still open the list is not enough: its rows may have been reached by another
role, in another community, or before he said that he is close to somebody.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from complaints import actions as case_actions
from portal.core import clock, exports, jobs
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Job, RoleAssignment, User
from portal.core.roles import Role
from tests import exporting, makers, register
from tests.complaints import makers as cases

pytestmark = [pytest.mark.django_db, pytest.mark.proves("sec:W17")]
AT = makers.AT
CHANGED = "您的岗位、负责的社区或者回避情况有变化，不能再下载。"


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


def done(person: User, name: str = "complaints", query: str = "state=every") -> Job:
    """What a worker wrote of the list for this person."""
    job = exporting.queued(person, name, query, at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert job.state == "done", job.error
    return job


def fetched(person: User, job: Job) -> tuple[int, str]:
    """The answer to who presses the button: its status, and the file or the page."""
    answer: Any = exporting.client(person).post(reverse("desk:job_file", args=[job.pk]))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content.decode()


def taken() -> int:
    return AuditEvent.objects.filter(act="job.downloaded").count()


def refused(person: User, job: Job, why: str = CHANGED) -> str:
    """The page that says why; no download is noted."""
    before = taken()
    status, page = fetched(person, job)
    assert (status, taken()) == (403, before)
    assert why in html.unescape(page)
    return html.unescape(page)


def test_rows_of_a_role_that_ended_stay() -> None:
    person = makers.user(Role.HANDLER, Role.RED_LANE)
    red, normal = cases.complaint("C1"), cases.complaint("C8")
    job = done(person)
    status, content = fetched(person, job)
    assert (status, taken()) == (200, 1)
    assert red.number in content
    assert normal.number in content
    RoleAssignment.objects.filter(user=person, role=Role.RED_LANE).delete()
    page = refused(person, job)
    assert red.number not in page
    # The way on: the list with the same filter, for which his other role still lets him in.
    again = f"{reverse('desk:complaints')}?state=every"
    assert f'href="{again}"' in page
    answer = exporting.client(person).get(again)
    assert answer.status_code == 200
    assert red.number not in answer.content.decode()


def moved(person: User, _job: Job) -> None:
    held = RoleAssignment.objects.filter(user=person)
    held.update(community=makers.community("hubin"))


def became_a_handler(person: User, _job: Job) -> None:
    RoleAssignment.objects.filter(user=person).update(role=Role.HANDLER)


def is_tied(person: User, _job: Job) -> None:
    by = Actor.person(person)
    case_actions.declare_tie("邻居", complaint=cases.complaint(), by=by, at=AT)


def handler_of_longquan() -> User:
    return makers.user(Role.HANDLER, community=makers.community("longquan"))


@pytest.mark.proves("sec:C9")
@pytest.mark.parametrize(
    ("who", "since"),
    [
        (handler_of_longquan, moved),
        (lambda: makers.user(Role.AUDITOR), became_a_handler),
        (cases.handler, is_tied),
    ],
    ids=["another community", "another role of the list", "a tie"],
)
def test_whoever_stands_elsewhere_now_gets_no_file(
    who: Callable[[], User], since: Callable[[User, Job], None]
) -> None:
    person = who()
    job = done(person)
    assert fetched(person, job)[0] == 200
    since(person, job)
    refused(person, job)


def test_more_ground_than_then_is_ground_enough() -> None:
    """The whole street holds the community, one role more takes nothing away, a tie may end."""
    person = handler_of_longquan()
    place = register.facility()
    tie = case_actions.declare_tie("邻居", facility=place, by=Actor.person(person), at=AT)
    job = done(person)
    assert len(job.report["ground"]["kept_from"]) == 1
    case_actions.end_tie(tie, by=Actor.person(makers.user(Role.AUDITOR)), at=AT)
    RoleAssignment.objects.filter(user=person).update(community=None)
    RoleAssignment.objects.create(user=person, role=Role.APPROVER, valid_from=AT.date())
    assert fetched(person, job)[0] == 200


def test_a_role_for_the_whole_street_is_more_than_one_for_a_community() -> None:
    person = cases.handler()
    job = done(person)
    moved(person, job)
    refused(person, job)


def test_who_opens_the_list_no_more_gets_no_way_back_to_it() -> None:
    person = cases.handler()
    job = done(person)
    RoleAssignment.objects.filter(user=person).update(role=Role.CLERK)
    page = refused(person, job, "您现在没有查看这个列表的权限")
    assert "到列表重新导出" not in page
    assert "state=every" not in page


def test_a_list_that_is_no_more_has_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    person = cases.handler()
    job = done(person)
    monkeypatch.delitem(exports._exports, "complaints")
    refused(person, job, "这个列表已经不能导出")


def test_a_file_of_before_says_so_and_is_made_anew() -> None:
    person = cases.handler()
    job = done(person)
    Job.objects.filter(pk=job.pk).update(report={})
    page = refused(person, job, "这份文件没有记下导出时的权限")
    assert "到列表重新导出" in page
    assert fetched(person, done(person, query="state=ended"))[0] == 200


def test_a_file_that_is_gone_is_not_found_whoever_asks() -> None:
    person = cases.handler()
    job = done(person)
    jobs.expire(AT + dt.timedelta(days=30))
    RoleAssignment.objects.filter(user=person).update(role=Role.CLERK)
    assert fetched(person, job)[0] == 404
