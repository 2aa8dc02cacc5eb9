"""The nouns of the ground."""

from .accounts import AccountChange, AccountCode, UserSession
from .attachments import Attachment
from .audit import AuditEvent
from .base import Noun
from .grants import GrantChange
from .jobs import Job
from .office import Backup, Heartbeat, OfficeSetting, office_words
from .outbox import Notification, Outbox
from .packs import PackProposal
from .papers import Counter, OfficialPaper
from .people import (
    Community,
    Grant,
    Office,
    RoleAssignment,
    User,
    staff_with,
    with_assignments,
    with_roles,
)
from .publication import Publication, PublicationStatus
from .regulation import CalendarYear, CitationCheck, Holiday, RegulationPack
from .retention import Erasure
from .saved import SavedView

__all__ = [
    "AccountChange",
    "AccountCode",
    "Attachment",
    "AuditEvent",
    "Backup",
    "CalendarYear",
    "CitationCheck",
    "Community",
    "Counter",
    "Erasure",
    "Grant",
    "GrantChange",
    "Heartbeat",
    "Holiday",
    "Job",
    "Notification",
    "Noun",
    "Office",
    "OfficeSetting",
    "OfficialPaper",
    "Outbox",
    "PackProposal",
    "Publication",
    "PublicationStatus",
    "RegulationPack",
    "RoleAssignment",
    "SavedView",
    "User",
    "UserSession",
    "office_words",
    "staff_with",
    "with_assignments",
    "with_roles",
]
