"""What a filing is compared with others by, written when it is sent (prod:B18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from facilities import rules
from facilities.models import Filing, FilingTrace


def leave_trace(filing: Filing, answers: Mapping[str, Any]) -> None:
    """Keep name and address of what was sent in the shape in which they are compared."""
    name = answers.get("registration", {}).get("facility_name", "")
    address = answers.get("premises", {}).get("address", "")
    keys = {
        "name_key": rules.name_key(name)[:100],
        "address_key": rules.address_key(address)[:200] if address else "",
    }
    FilingTrace.objects.update_or_create(filing=filing, defaults=keys)
