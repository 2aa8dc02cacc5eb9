"""Pre-check of the registration part: credit code, authority, business scope, names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from portal.core.identifiers import (
    Problem,
    ProblemCode,
    normalise,
    phone_problem,
    uscc_area,
    uscc_prefix,
    uscc_problem,
)
from portal.core.regulation import Regulation

from .facts import FAMILY, REGISTRATION, Miss, RegistrationFacts, required_misses


def check_registration(facts: RegistrationFacts, regulation: Regulation) -> list[Miss]:
    """What will come back from the registration part: articles 4 and 5 of the filing measures.

    Credit-code prefix, area and authority are only compared and remarked. Days are judged on
    `regulation.as_of`.
    """
    rules = _REGISTRATION_RULES
    if facts.facility_type == FAMILY:
        rules += _FAMILY_REGISTRATION_RULES
    else:
        rules += _CENTRE_REGISTRATION_RULES
    found = (rule(facts, regulation, key) for key, rule in rules if key in regulation)
    plain = (_malformed(facts), _established(facts, regulation))
    return [*chain.from_iterable(found), *chain.from_iterable(plain)]


def registered_as(uscc: str, regulation: Regulation) -> str | None:
    """The legal form that codes beginning so belong to; None where the code does not tell."""
    prefix = uscc_prefix(uscc)
    key = "registration.credit_code_prefixes"
    forms = regulation.table(key)
    return next((form for form in forms if prefix in regulation.texts(key, form)), None)


def registered_by(uscc: str, legal_form: str | None, regulation: Regulation) -> str | None:
    """The usual name of the authority that gave this code; None where the code does not tell."""
    area = regulation.table("registration.area_names").get(uscc_area(uscc) or "")
    name = regulation.table("registration.authority_names").get(legal_form or "")
    return f"{area}{name}" if area and name else None


def _malformed(facts: RegistrationFacts) -> Iterator[Miss]:
    problems: dict[str, Problem | None] = {}
    if facts.uscc:
        problems["uscc"] = uscc_problem(facts.uscc)
    if facts.manager_phone:
        problems["manager_phone"] = phone_problem(facts.manager_phone)
    if facts.public_phone:
        problems["public_phone"] = phone_problem(facts.public_phone)
    for name, problem in problems.items():
        if problem:
            blocking = problem.code is not ProblemCode.USCC_ORGANISATION_CHECK
            yield Miss(problem.code.value, REGISTRATION, name, problem.params, None, blocking)


def _established(facts: RegistrationFacts, regulation: Regulation) -> Iterator[Miss]:
    if facts.established_on and facts.established_on > regulation.as_of:
        params = {"day": facts.established_on}
        yield Miss("established_in_future", REGISTRATION, "established_on", params, None)


def _registration_required(
    facts: RegistrationFacts, regulation: Regulation, key: str
) -> Iterator[Miss]:
    return required_misses(facts, regulation, key, REGISTRATION)


def _prefix(facts: RegistrationFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    prefix, legal_form = uscc_prefix(facts.uscc or ""), facts.legal_form or ""
    if not prefix or legal_form not in regulation.table(key):
        return
    expected = regulation.texts(key, legal_form)
    if prefix not in expected:
        params = {"prefix": prefix, "legal_form": legal_form, "expected": expected}
        yield Miss("uscc_prefix_mismatch", REGISTRATION, "uscc", params, key)


def _area(facts: RegistrationFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    area = uscc_area(facts.uscc or "")
    if area and area not in regulation.texts(key):
        yield Miss("uscc_area_unusual", REGISTRATION, "uscc", {"area": area}, key)


def _authority(facts: RegistrationFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    authority, legal_form = facts.registration_authority or "", facts.legal_form or ""
    if not authority.strip() or legal_form not in regulation.table(key):
        return
    words = regulation.texts(key, legal_form)
    if not _mentions(authority, words):
        params = {"legal_form": legal_form, "words": words}
        yield Miss("authority_unusual", REGISTRATION, "registration_authority", params, key)


def _scope(facts: RegistrationFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    words = regulation.texts(key)
    if facts.business_scope and not _mentions(facts.business_scope, words):
        yield Miss("scope_words_missing", REGISTRATION, "business_scope", {"words": words}, key)


def _name(facts: RegistrationFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    words = regulation.texts(key)
    if facts.facility_name and not _mentions(facts.facility_name, words):
        yield Miss("name_words_missing", REGISTRATION, "facility_name", {"words": words}, key)


_RegistrationRule = Callable[[RegistrationFacts, Regulation, str], Iterator[Miss]]
_REGISTRATION_RULES: tuple[tuple[str, _RegistrationRule], ...] = (
    ("registration.required_fields", _registration_required),
    ("registration.credit_code_prefixes", _prefix),
    ("registration.area_prefixes", _area),
    ("registration.authority_words", _authority),
)
_CENTRE_REGISTRATION_RULES: tuple[tuple[str, _RegistrationRule], ...] = (
    ("registration.scope_words", _scope),
)
_FAMILY_REGISTRATION_RULES: tuple[tuple[str, _RegistrationRule], ...] = (
    ("registration.family_scope_words", _scope),
    ("registration.family_name_words", _name),
)


def _mentions(text: str, words: Iterable[str]) -> bool:
    plain = "".join(normalise(text).split())
    return any(word in plain for word in words)
