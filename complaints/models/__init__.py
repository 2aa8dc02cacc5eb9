"""The nouns of complaints and reports."""

from .case import Complaint
from .choices import (
    Category,
    Channel,
    Lane,
    Organ,
    PauseKind,
    RejectGround,
    Result,
    Satisfaction,
    Severity,
    StepKind,
)
from .confidential import ConfidentialTie, ContactReveal
from .intake import ComplaintDraft, DraftFile, ErasureProof, OrderList, WorkDone
from .parts import CaseStep, ComplaintContact, ComplaintFile, ComplaintMessage
from .requests import AuthorityReport, StatementRequest
from .vault import Erased

__all__ = [
    "AuthorityReport",
    "CaseStep",
    "Category",
    "Channel",
    "Complaint",
    "ComplaintContact",
    "ComplaintDraft",
    "ComplaintFile",
    "ComplaintMessage",
    "ConfidentialTie",
    "ContactReveal",
    "DraftFile",
    "Erased",
    "ErasureProof",
    "Lane",
    "OrderList",
    "Organ",
    "PauseKind",
    "RejectGround",
    "Result",
    "Satisfaction",
    "Severity",
    "StatementRequest",
    "StepKind",
    "WorkDone",
]
