"""The pages of the roof, as the URL table names them."""

from .desk import desk_home
from .evaluations import evaluation_round, evaluations
from .near import near
from .notices import disclosure_index, not_open, publication, refusals, unregistered
from .public import (
    accessibility,
    contact,
    disclosure_filings,
    guide_filing,
    home,
    privacy,
    sitemap,
)
from .public_find import (
    facilities,
    facility,
    facility_short,
    facility_sign,
    robots,
    sitemap_xml,
)
from .signup import signup
from .supervision import disclosure_inspections, disclosure_rectifications

__all__ = [
    "accessibility",
    "contact",
    "desk_home",
    "disclosure_filings",
    "disclosure_index",
    "disclosure_inspections",
    "disclosure_rectifications",
    "evaluation_round",
    "evaluations",
    "facilities",
    "facility",
    "facility_short",
    "facility_sign",
    "guide_filing",
    "home",
    "near",
    "not_open",
    "privacy",
    "publication",
    "refusals",
    "robots",
    "signup",
    "sitemap",
    "sitemap_xml",
    "unregistered",
]
