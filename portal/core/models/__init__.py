"""The nouns of the ground."""

from .attachments import Attachment
from .audit import AuditEvent
from .base import Noun
from .outbox import Notification, Outbox
from .papers import Counter, OfficialPaper
from .people import Community, Grant, Office, RoleAssignment, User, staff_with
from .regulation import CalendarYear, CitationCheck, Holiday, RegulationPack

__all__ = [
    "Attachment",
    "AuditEvent",
    "CalendarYear",
    "CitationCheck",
    "Community",
    "Counter",
    "Grant",
    "Holiday",
    "Notification",
    "Noun",
    "Office",
    "OfficialPaper",
    "Outbox",
    "RegulationPack",
    "RoleAssignment",
    "User",
    "staff_with",
]
