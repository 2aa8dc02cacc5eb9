"""Who does an act (ruling R24): a person, the calendar, a resident, or the holder of a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from portal.core.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """The performer of an act, with the label the audit trail keeps for ever.

    The label is pseudonymous and frozen: it still reads the same after the account is erased.
    """

    kind: str
    label: str
    user: User | None = None
    # The one noun a holder of its code may act on; empty for everybody else.
    holds: UUID | None = None

    @classmethod
    def person(cls, user: User) -> Actor:
        """A signed-in person."""
        return cls("person", user.audit_label, user)

    @classmethod
    def calendar(cls) -> Actor:
        """Nobody at the keyboard: a date has come, or it follows from another act."""
        return cls("calendar", "calendar")

    @classmethod
    def resident(cls) -> Actor:
        """A resident without an account."""
        return cls("resident", "resident")

    @classmethod
    def code_holder(cls, noun: Any) -> Actor:
        """Whoever has shown the number and code of `noun`, signed in or not."""
        return cls("code_holder", "code_holder", holds=noun.pk)

    @property
    def somebody(self) -> User:
        """The person behind the act; PermissionDenied for an act that only people perform."""
        if self.user is None:
            raise PermissionDenied(f"{self.kind} cannot do this")
        return self.user

    @property
    def role(self) -> str:
        """The roles in force, for the audit line."""
        return ",".join(sorted(self.user.role_names)) if self.user else self.kind
