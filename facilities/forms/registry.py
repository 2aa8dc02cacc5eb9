"""The parts of a report in one place: name, group, form, and the paper to compare them with.

A part is added by: a key in models.choices.SectionKey, a line here (with a form where it is one),
a page with its template and address `my:<key>`, a writer in actions/entering.py, and a line in the
lists of packs/sections.yaml.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from facilities.models.choices import SectionKey

from .life import ClosureForm
from .offering import ServicesForm
from .premises import PremisesForm
from .registration import RegistrationForm
from .safety import SafetyForm
from .sections import SectionForm
from .staff_section import StaffSection

K = SectionKey
SECTION_NAMES = {str(key): key.label for key in SectionKey}
# The parts that are one form; certificates have pages of their own.
FORMS: dict[str, type[SectionForm]] = {
    K.REGISTRATION: RegistrationForm,
    K.PREMISES: PremisesForm,
    K.SERVICES: ServicesForm,
    K.SAFETY: SafetyForm,
    K.STAFF: StaffSection,
    K.CLOSURE: ClosureForm,
}
# The task list in its groups; the last group is the sending.
GROUPS = (
    (gettext_lazy("一、机构信息"), (K.REGISTRATION, K.PREMISES, K.SERVICES)),
    (gettext_lazy("二、人员与安全"), (K.STAFF, K.CERTIFICATES, K.SAFETY)),
    (gettext_lazy("停办"), (K.CLOSURE,)),
)
LAST_GROUP = gettext_lazy("三、提交")
# The paper an official compares a part with first.
PROOF = {K.REGISTRATION: "business_licence", K.PREMISES: "premises_proof"}
