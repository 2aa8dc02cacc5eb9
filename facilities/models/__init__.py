"""The nouns of the register."""

from .departments import Department, DepartmentMatter
from .facility import Certificate, ClassGroup, Facility, FeeItem, Membership, StatutoryFiling
from .filing import (
    CorrectionItem,
    Filing,
    FilingCertificate,
    FilingSection,
    FilingSubmission,
)
from .history import ClassGroupEvent, FacilityEvent, FeeItemEvent, StatutoryFilingEvent
from .leads import Lead, LeadStep, Transfer
from .life import OperatingPause, StatutoryCheck
from .members import Invitation, JoinRequest
from .merging import FacilityMerge
from .review import CannedText, CounterReceipt, FilingTrace, ReviewVerdict
from .safety import SafetyProfile
from .staff import StaffMember, StaffPaper

__all__ = [
    "CannedText",
    "Certificate",
    "ClassGroup",
    "ClassGroupEvent",
    "CorrectionItem",
    "CounterReceipt",
    "Department",
    "DepartmentMatter",
    "Facility",
    "FacilityEvent",
    "FacilityMerge",
    "FeeItem",
    "FeeItemEvent",
    "Filing",
    "FilingCertificate",
    "FilingSection",
    "FilingSubmission",
    "FilingTrace",
    "Invitation",
    "JoinRequest",
    "Lead",
    "LeadStep",
    "Membership",
    "OperatingPause",
    "ReviewVerdict",
    "SafetyProfile",
    "StaffMember",
    "StaffPaper",
    "StatutoryCheck",
    "StatutoryFiling",
    "StatutoryFilingEvent",
    "Transfer",
]
