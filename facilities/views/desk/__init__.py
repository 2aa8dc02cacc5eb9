"""The officials' pages about the register."""

from .decisions import decided, decline, hand_back, propose, register
from .files import facilities, facility, statutory
from .lists import filings
from .review import correction_add, correction_remove, corrections_send, filing, take

__all__ = [
    "correction_add",
    "correction_remove",
    "corrections_send",
    "decided",
    "decline",
    "facilities",
    "facility",
    "filing",
    "filings",
    "hand_back",
    "propose",
    "register",
    "statutory",
    "take",
]
