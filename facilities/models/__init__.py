"""The nouns of the register."""

from .facility import Certificate, ClassGroup, Facility, FeeItem, Membership, StatutoryFiling
from .filing import (
    CorrectionItem,
    Filing,
    FilingCertificate,
    FilingSection,
    FilingSubmission,
)

__all__ = [
    "Certificate",
    "ClassGroup",
    "CorrectionItem",
    "Facility",
    "FeeItem",
    "Filing",
    "FilingCertificate",
    "FilingSection",
    "FilingSubmission",
    "Membership",
    "StatutoryFiling",
]
