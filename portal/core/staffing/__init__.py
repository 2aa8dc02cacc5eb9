"""Accounts of the office: invited, given roles by two persons, represented, helped, gone."""

from . import factors, handover, holdings, rights, sessions
from .codes import (
    NameTaken,
    give_operator_code,
    invite,
    invite_again,
    use_code,
    waits_for_password,
)
from .roles import (
    Refused,
    Wanted,
    appoint_deputy,
    end_deputy,
    grant,
    mark_left,
    propose_end,
    propose_recovery,
    propose_role,
    refuse,
    withdraw,
)

__all__ = [
    "NameTaken",
    "Refused",
    "Wanted",
    "appoint_deputy",
    "end_deputy",
    "factors",
    "give_operator_code",
    "grant",
    "handover",
    "holdings",
    "invite",
    "invite_again",
    "mark_left",
    "propose_end",
    "propose_recovery",
    "propose_role",
    "refuse",
    "rights",
    "sessions",
    "use_code",
    "waits_for_password",
    "withdraw",
]
