"""The nouns of the register."""

from .facility import Certificate, ClassGroup, Facility, Membership, StatutoryFiling
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
    "Filing",
    "FilingCertificate",
    "FilingSection",
    "FilingSubmission",
    "Membership",
    "StatutoryFiling",
]
