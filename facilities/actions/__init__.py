"""The only writers of the register: one function per act."""

from .filing import (
    AlreadyRegistered,
    Incomplete,
    SectionLocked,
    Stale,
    attach_file,
    autosave_section,
    keep_certificate_draft,
    lapse_draft,
    remove_file,
    save_certificate,
    save_section,
    start_filing,
    submit_filing,
    withdraw_filing,
)
from .register import record_statutory_filing
from .reminders import escalate_filing, remind_of_correction, remind_reviewers
from .review import (
    add_correction,
    decline_filing,
    hand_back_filing,
    propose_decision,
    register_filing,
    remove_correction,
    request_correction,
    take_filing,
)

__all__ = [
    "AlreadyRegistered",
    "Incomplete",
    "SectionLocked",
    "Stale",
    "add_correction",
    "attach_file",
    "autosave_section",
    "decline_filing",
    "escalate_filing",
    "hand_back_filing",
    "keep_certificate_draft",
    "lapse_draft",
    "propose_decision",
    "record_statutory_filing",
    "register_filing",
    "remind_of_correction",
    "remind_reviewers",
    "remove_correction",
    "remove_file",
    "request_correction",
    "save_certificate",
    "save_section",
    "start_filing",
    "submit_filing",
    "take_filing",
    "withdraw_filing",
]
