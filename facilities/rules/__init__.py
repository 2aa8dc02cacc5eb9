"""The regulation applied to the facts of a filing: clocks, pre-check, materials.

Pure functions on values. Every limit, list and threshold comes from the regulation of the day
(packs `filing`, `setting`, `materials`, `registration`); a check whose figure is not in force says
nothing, a clock whose figure is not in force raises KeyError. A miss is a remark with the figure
behind it; only one that makes the filing unusable is `blocking`.
"""

from .clocks import (
    answer_due,
    change_report_due,
    closure_earliest,
    correction_due,
    draft_expires_on,
    escalation_due,
    is_escalated,
    is_near,
    reminder_due,
    resume_due,
)
from .facts import CertificateFacts, ClassFacts, Material, Miss, PremisesFacts, RegistrationFacts
from .materials import check_certificates, required_materials
from .premises import carers_needed, check_premises
from .registration import check_registration

__all__ = [
    "CertificateFacts",
    "ClassFacts",
    "Material",
    "Miss",
    "PremisesFacts",
    "RegistrationFacts",
    "answer_due",
    "carers_needed",
    "change_report_due",
    "check_certificates",
    "check_premises",
    "check_registration",
    "closure_earliest",
    "correction_due",
    "draft_expires_on",
    "escalation_due",
    "is_escalated",
    "is_near",
    "reminder_due",
    "required_materials",
    "resume_due",
]
