"""Who may open which page: written by hand from the roles and pages of the documents.

It knows nothing of the decorators; the test walks the URL table and compares what really happens
with these lines. `own` is an object of the actor's own ground (his facility, his community),
`foreign` the same of somebody else's. Whoever is in no list does not learn that the object exists.
"""

from __future__ import annotations

from dataclasses import dataclass

STAFF = [
    "clerk",
    "approver",
    "community",
    "inspector",
    "handler",
    "red_lane",
    "restriction_officer",
    "leader",
    "auditor",
    "sysadmin",
]
ROLES = [*STAFF, "operator", "evaluator"]
EVERYBODY = ["anonymous", "left", *ROLES]
OFFICE = ["clerk", "approver", "leader", "auditor"]  # see every filing that was sent
REGISTER = [*OFFICE, "inspector", "handler"]  # see every facility


@dataclass(frozen=True)
class Row:
    """Who succeeds (`ok`) and who sees the object but may not (`no`), own and foreign."""

    ok: tuple[str, ...]
    no: tuple[str, ...] = ()
    foreign_ok: tuple[str, ...] | None = None
    foreign_no: tuple[str, ...] = ()
    state: str = ""  # the state the object is in when the page is asked for
    methods: str = "GET POST"
    is_object: bool = True


def everybody(methods: str = "GET") -> Row:
    """A public page."""
    return Row(tuple(EVERYBODY), methods=methods, is_object=False)


def only(roles: list[str], methods: str = "GET") -> Row:
    """A page without an object: the others are refused in so many words."""
    rest = tuple(role for role in ROLES if role not in roles)
    return Row(tuple(roles), rest, methods=methods, is_object=False)


def filing(ok: str, state: str, methods: str = "GET POST") -> Row:
    """An official's page about a filing: readers see it, `ok` may act."""
    readers = [*OFFICE, "community", "operator"]
    return Row(
        tuple(ok.split()),
        tuple(r for r in readers if r not in ok.split()),
        tuple(r for r in ok.split() if r in OFFICE),
        tuple(r for r in OFFICE if r not in ok.split()),
        state,
        methods,
    )


def mine(state: str = "draft", methods: str = "GET POST") -> Row:
    """An operator's page about his own filing; drafts exist for nobody else."""
    seen = () if state == "draft" else (*OFFICE, "community")
    seen_foreign = () if state == "draft" else tuple(OFFICE)
    return Row(("operator",), seen, (), seen_foreign, state, methods)


def about_facility(ok: list[str], methods: str = "GET") -> Row:
    """A page about a facility of the register."""
    readers = [*REGISTER, "community", "operator"]
    return Row(
        tuple(ok),
        tuple(r for r in readers if r not in ok),
        tuple(r for r in ok if r in REGISTER),
        tuple(r for r in REGISTER if r not in ok),
        "registered",
        methods,
    )


def file_of_filing() -> Row:
    """A file or paper: whoever sees the filing."""
    return Row((*OFFICE, "community", "operator"), (), tuple(OFFICE), (), "registered", "GET")


READERS = [*OFFICE, "community"]
SIGNED_IN = Row(tuple(ROLES), methods="GET", is_object=False)
SIGNED_IN_POST = Row(tuple(ROLES), methods="POST", is_object=False)

MATRIX: dict[str, Row] = {
    "healthz": everybody(),
    "readyz": everybody(),
    "core:landing": SIGNED_IN,
    "core:messages": SIGNED_IN,
    "core:messages_read": SIGNED_IN_POST,
    "core:message_open": SIGNED_IN_POST,
    "core:preferences": everybody("GET POST"),
    "core:attachment": file_of_filing(),
    "core:attachment_thumbnail": file_of_filing(),
    "core:paper": file_of_filing(),
    "core:paper_pdf": file_of_filing(),
    "core:paper_png": file_of_filing(),
    "core:verify": everybody(),
    "core:verify_code": everybody(),
    "public:home": everybody(),
    "public:facilities": everybody(),
    "public:facility": everybody(),
    "public:facility_short": everybody(),
    "public:guide_filing": everybody(),
    "public:disclosure_filings": everybody(),
    "public:sitemap": everybody(),
    "public:accessibility": everybody(),
    "public:privacy": everybody(),
    "public:contact": everybody(),
    "account_signup": everybody("GET POST"),
    "my:home": only(["operator"]),
    "my:documents": only(["operator"]),
    "my:filing_start": only(["operator"], "GET POST"),
    "my:filing": mine(methods="GET"),
    "my:registration": mine(),
    "my:premises": mine(),
    "my:certificates": mine(),
    "my:certificate": mine(),
    "my:certificate_file_remove": mine(),
    "my:autosave": mine(),
    "my:certificate_autosave": mine(),
    "my:check": mine(),
    "my:declaration": mine(),
    "my:done": mine("submitted", "GET"),
    "my:withdraw": mine("submitted"),
    "desk:home": only(STAFF),
    "desk:filings": only(READERS),
    "desk:filing": filing("clerk approver leader auditor community", "submitted", "GET"),
    "desk:filing_take": filing("clerk", "submitted"),
    "desk:correction_add": filing("clerk", "in_review"),
    "desk:correction_remove": filing("clerk", "in_review"),
    "desk:corrections_send": filing("clerk", "in_review"),
    "desk:propose": filing("clerk", "in_review"),
    "desk:register": filing("approver", "proposed"),
    "desk:decline": filing("approver", "proposed"),
    "desk:hand_back": filing("approver", "proposed"),
    "desk:decided": filing("clerk approver leader auditor community", "registered", "GET"),
    "desk:facilities": only([*REGISTER, "community"]),
    "desk:facility": about_facility([*REGISTER, "community"]),
    "desk:statutory": about_facility(["clerk"], "GET POST"),
    "panel:home": only(["evaluator"]),
}
# allauth's own pages: for everybody, or for whoever is signed in.
FOR_ALL = {"account_login", "account_inactive", "mfa_authenticate", "account_logout"}
FOR_SIGNED_IN = {
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
