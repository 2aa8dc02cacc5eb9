"""What ended before keeps its end; discipline inspectors may ring the alarm (a child in danger)."""

from typing import Any

from django.db import migrations
from django.db.models import F

RIGHT = "complaint.raise_alarm"


def fill(apps: Any, schema_editor: Any) -> None:
    """The first end of what is closed; of what is under review the day it was asked for."""
    using = schema_editor.connection.alias
    cases = apps.get_model("complaints", "Complaint").objects.using(using)
    cases.filter(closed_on__isnull=False).update(
        first_closed_on=F("closed_on"), first_due=F("finish_due"), first_result=F("result")
    )
    asked = cases.filter(closed_on=None, review_asked_on__isnull=False)
    asked.update(first_closed_on=F("review_asked_on"))
    grants = apps.get_model("core", "Grant").objects.using(using)
    # An office that begins now is given every right when the reference data are loaded.
    if grants.filter(right=RIGHT).exists():
        grants.get_or_create(role="auditor", right=RIGHT)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0004_first_end")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
