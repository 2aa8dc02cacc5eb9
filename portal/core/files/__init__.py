"""Files that come from outside: judged, rewritten, stored. Knows no model.

The rule is that nothing received is kept byte for byte. A picture is drawn again from its pixels,
a PDF is written again from its objects, sound and film get a new container, and what cannot be
understood is refused. All of it is opened in processes that can do nothing else.
"""

from portal.core.files.intake import inspect_upload
from portal.core.files.names import safe_display_name
from portal.core.files.verdict import (
    ALL_TYPES,
    AUDIO,
    IMAGES,
    MAX_BYTES,
    MEDIA,
    PDFS,
    THUMBNAIL_SIDES,
    VIDEO,
    Accepted,
    Refused,
)

__all__ = [
    "ALL_TYPES",
    "AUDIO",
    "IMAGES",
    "MAX_BYTES",
    "MEDIA",
    "PDFS",
    "THUMBNAIL_SIDES",
    "VIDEO",
    "Accepted",
    "Refused",
    "inspect_upload",
    "safe_display_name",
]
