"""Accounts by post: nobody of the office is named (domain.md §13, annex)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import Community, Office, RoleAssignment, User
from portal.core.roles import Role
from portal.core.workflow import action, record

PASSWORD = "tuoyu-demo-2026"  # noqa: S105 - printed on the screen; the demo holds nothing real
IN_OFFICE_DAYS = 500


@dataclass(frozen=True, slots=True)
class Post:
    """One account: the post is its display name."""

    username: str
    post: str
    role: Role
    office: str = ""
    community: str = ""


STAFF = (
    Post("clerk", "卫健办经办人", Role.CLERK, "health"),
    Post("clerk2", "卫健办经办人（二）", Role.CLERK, "health"),
    Post("approver", "分管副主任", Role.APPROVER),
    Post("leader", "领导小组成员", Role.LEADER),
    Post("auditor", "纪工委监督员", Role.AUDITOR, "discipline"),
    Post("inspector", "应急所检查员", Role.INSPECTOR, "emergency"),
    Post("handler", "综治办投诉承办人", Role.HANDLER, "governance"),
    Post("red_lane", "综治办紧急专线值守人", Role.RED_LANE, "governance"),
    Post("handler2", "综治办投诉承办人（二）", Role.HANDLER, "governance"),
    Post("red_lane2", "党政办紧急专线值守人", Role.RED_LANE, "party-government"),
    Post("restriction_officer", "卫健办从业限制信息管理员", Role.RESTRICTION_OFFICER, "health"),
    Post("community", "龙泉社区工作人员", Role.COMMUNITY, community="longquan"),
    Post("evaluator", "评估委员会委员", Role.EVALUATOR),
    *(
        Post(f"evaluator{n}", f"评估委员会委员（{word}）", Role.EVALUATOR)
        for n, word in enumerate("二三四五六七八", start=2)
    ),
    Post("sysadmin", "综合科系统管理员", Role.SYSADMIN, "general"),
    Post("operator", "机构填报人", Role.OPERATOR),
    Post("operator2", "机构填报人（二）", Role.OPERATOR),
)


# Account, field and unit of the members of the committee.
EVALUATORS = (
    ("evaluator", "medical", "示例社区卫生服务中心"),
    ("evaluator2", "fire", "示例消防救援站"),
    ("evaluator3", "education", "示例学院学前教育系"),
    ("evaluator4", "market", "示例市场监管所"),
    ("evaluator5", "parent", "家长代表"),
    ("evaluator6", "medical", "示例妇幼保健院"),
    ("evaluator7", "education", "示例托育服务指导中心"),
    ("evaluator8", "health", "示例卫健部门"),
)


def is_loaded() -> bool:
    """Whether the demo, or anything at all, is there already."""
    return User.objects.exists()


def open_accounts(phones: Iterable[str], *, at: dt.datetime) -> dict[str, User]:
    """The accounts of `STAFF`, and an operator for each phone; all have been here for over a year.

    They share one hash: it is slow to make on purpose, and the password is printed anyway.
    """
    hashed = make_password(PASSWORD)
    operators = [Post(phone, "机构填报人", Role.OPERATOR) for phone in phones]
    return {post.username: _open_account(post, hashed, at=at) for post in (*STAFF, *operators)}


@action
def _open_account(post: Post, hashed: str, *, at: dt.datetime) -> User:
    office = Office.objects.get(slug=post.office) if post.office else None
    community = Community.objects.get(slug=post.community) if post.community else None
    title = "" if post.role == Role.OPERATOR else post.post
    person = User.objects.create(
        username=post.username, display_name=post.post, post=title, office=office, password=hashed
    )
    since = clock.day_of(at) - dt.timedelta(days=IN_OFFICE_DAYS)
    RoleAssignment.objects.create(
        user=person, role=post.role, community=community, valid_from=since
    )
    record(person, "account.opened", by=Actor.calendar(), at=at, role=post.role)
    return person
