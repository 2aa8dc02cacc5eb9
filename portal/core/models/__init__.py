"""The nouns of the ground."""

from .accounts import AccountChange, AccountCode, UserSession
from .attachments import Attachment
from .audit import AuditEvent
from .base import Noun
from .jobs import Job
from .outbox import Notification, Outbox
from .papers import Counter, OfficialPaper
from .people import Community, Grant, Office, RoleAssignment, User, staff_with
from .publication import Publication, PublicationStatus
from .regulation import CalendarYear, CitationCheck, Holiday, RegulationPack

__all__ = [
    "AccountChange",
    "AccountCode",
    "Attachment",
    "AuditEvent",
    "CalendarYear",
    "CitationCheck",
    "Community",
    "Counter",
    "Grant",
    "Holiday",
    "Job",
    "Notification",
    "Noun",
    "Office",
    "OfficialPaper",
    "Outbox",
    "Publication",
    "PublicationStatus",
    "RegulationPack",
    "RoleAssignment",
    "User",
    "UserSession",
    "staff_with",
]
