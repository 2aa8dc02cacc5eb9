"""Files that come from outside: judged, rewritten, stored. Knows no model.

The rule is that nothing received is kept byte for byte. A picture is drawn again from its pixels,
a PDF is written again from its objects, and what cannot be understood is refused.
"""

from portal.core.files.intake import inspect_upload
from portal.core.files.names import safe_display_name
from portal.core.files.verdict import (
    ALL_TYPES,
    IMAGES,
    MAX_BYTES,
    PDFS,
    THUMBNAIL_SIDES,
    Accepted,
    Refused,
)

__all__ = [
    "ALL_TYPES",
    "IMAGES",
    "MAX_BYTES",
    "PDFS",
    "THUMBNAIL_SIDES",
    "Accepted",
    "Refused",
    "inspect_upload",
    "safe_display_name",
]
