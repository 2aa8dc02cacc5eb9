"""Changes of what a role may do, as the tests of rights make them: proposed, decided, looked up."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.core import staffing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Grant
from portal.core.roles import Role
from portal.core.staffing import rights as changes
from tests import makers as make

AT = make.AT
PROPOSE = "filing.propose"


def signed(person):
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


def propose(by, role=Role.CLERK, right=PROPOSE, kind="take", reason="岗位分工调整"):
    return changes.propose(role, right, kind, reason, by=Actor.person(by), at=AT)


def agree(change, by):
    return changes.agree(change, by=Actor.person(by), at=AT)


def decided(by, second, *what):
    return agree(propose(by, *what), second)


def refusal(function, *args, **kwargs):
    with pytest.raises(staffing.Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code


def holds(role, right=PROPOSE):
    return Grant.objects.filter(role=role, right=right).exists()


def audited(act):
    return list(AuditEvent.objects.filter(act=act).order_by("seq").values_list("detail", flat=True))
