"""The seed of a public draw: it goes into a published text, so it must not read like a number."""

from __future__ import annotations

import secrets
from string import ascii_lowercase

# Letters alone: among hexadecimal digits a telephone number turns up by chance, and the gate of
# publications (portal.core.scanning) rightly holds such a text back for good.
LENGTH = 16


def fresh_seed() -> str:
    """Sixteen random letters, 75 bits: nobody foresees the draw, anybody repeats it afterwards."""
    return "".join(secrets.choice(ascii_lowercase) for _ in range(LENGTH))
