"""The forms of a filing: shape and words, never the law.

A section's form reads a draft (what was typed) and gives back two things: `draft`, again what was
typed, and `answers`, what it means, as plain JSON values.
"""

from .certificates import CertificateForm
from .declaration import DECLARATION, DeclarationForm, StartForm
from .misses import Remark, field_label, remarks, sentence
from .offering import ServicesForm
from .premises import PremisesForm
from .registration import RegistrationForm
from .registry import FORMS, GROUPS, LAST_GROUP, PROOF, SECTION_NAMES
from .safety import SafetyForm
from .sections import SectionForm

__all__ = [
    "DECLARATION",
    "FORMS",
    "GROUPS",
    "LAST_GROUP",
    "PROOF",
    "SECTION_NAMES",
    "CertificateForm",
    "DeclarationForm",
    "PremisesForm",
    "RegistrationForm",
    "Remark",
    "SafetyForm",
    "SectionForm",
    "ServicesForm",
    "StartForm",
    "field_label",
    "remarks",
    "sentence",
]
