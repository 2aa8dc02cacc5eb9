"""The papers of a report: which are needed, and what is wrong with those handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from portal.core.regulation import Regulation

from .facts import CERTIFICATES, LEASED, CertificateFacts, Material, Miss


def required_materials(
    facility_type: str | None,
    tenure: str | None,
    serves_meals: bool | None,  # ruff: ignore[boolean-type-hint-positional-argument]
    regulation: Regulation,
) -> list[Material]:
    """The papers for a facility in the order of the list (article 8 of the filing measures).

    Papers that may but need not be handed in come with `required=False`; those whose condition is
    not met, and all for a type without a list in force, are left out.
    """
    key = f"materials.for_{facility_type}"
    if key not in regulation:
        return []
    met = {"always": True, "never": False, LEASED: tenure == LEASED, "serves_meals": serves_meals}
    return [
        _material(code, key, bool(met[str(condition)]), met, regulation)
        for code, condition in regulation.table(key).items()
        if met[str(condition)] or condition == "never"
    ]


def check_certificates(
    certs: Iterable[CertificateFacts],
    required: Sequence[Material],
    on: dt.date,
    regulation: Regulation,
) -> list[Miss]:
    """Papers that are missing, incomplete, expired or soon to expire on the day `on`.

    Where a paper was handed in twice, the one that is good for longest counts.
    """
    papers: dict[str, list[CertificateFacts]] = {}
    for cert in certs:
        papers.setdefault(cert.material, []).append(cert)
    found: list[Miss] = []
    for material in required:
        found += _material_misses(material, papers.get(material.code, []), on, regulation)
    for cert in chain.from_iterable(papers.values()):
        found += _certificate_dates(cert, on)
    return found


def _material(
    code: str,
    key: str,
    required: bool,  # ruff: ignore[boolean-type-hint-positional-argument]
    met: Mapping[str, bool | None],
    regulation: Regulation,
) -> Material:
    about = f"materials.{code}"
    return Material(
        code=code,
        name=regulation.text(about, "name"),
        issuer=regulation.text(about, "issuer"),
        required=required,
        number_expected=bool(met[regulation.text(about, "number")]),
        validity_expected=bool(met[regulation.text(about, "validity")]),
        figure_key=key,
    )


def _material_misses(
    material: Material, papers: list[CertificateFacts], on: dt.date, regulation: Regulation
) -> Iterator[Miss]:
    params = {"material": material.code, "name": material.name}
    key = material.figure_key
    filed = [cert for cert in papers if cert.has_files]
    if not filed:
        if material.required:
            yield Miss("certificate_missing", CERTIFICATES, material.code, params, key)
        return
    open_ended = dt.date.min if material.validity_expected else dt.date.max
    best = max(filed, key=lambda cert: cert.valid_until or open_ended)
    if material.number_expected and not best.number.strip():
        field = f"{material.code}.number"
        yield Miss("certificate_number_missing", CERTIFICATES, field, params, key)
    field = f"{material.code}.valid_until"
    if best.valid_until:
        yield from _validity(best.valid_until, field, params, on, regulation)
    elif material.validity_expected:
        yield Miss("certificate_validity_missing", CERTIFICATES, field, params, key)


def _validity(
    until: dt.date, field: str, params: Mapping[str, object], on: dt.date, regulation: Regulation
) -> Iterator[Miss]:
    left = (until - on).days
    key = "materials.expiring_days"
    if left < 0:
        yield Miss("certificate_expired", CERTIFICATES, field, {**params, "day": until}, None)
    elif key in regulation and left <= regulation.integer(key):
        params = {**params, "day": until, "days": left}
        yield Miss("certificate_expiring", CERTIFICATES, field, params, key)


def _certificate_dates(cert: CertificateFacts, on: dt.date) -> Iterator[Miss]:
    if not cert.issued_on:
        return
    field, code = f"{cert.material}.issued_on", cert.material
    if cert.issued_on > on:
        params: dict[str, object] = {"material": code, "day": cert.issued_on}
        yield Miss("certificate_issued_in_future", CERTIFICATES, field, params, None)
    if cert.valid_until and cert.valid_until < cert.issued_on:
        params = {"material": code, "issued_on": cert.issued_on, "valid_until": cert.valid_until}
        yield Miss("certificate_dates_reversed", CERTIFICATES, field, params, None)
