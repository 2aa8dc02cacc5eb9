"""What stands still today gets its kind: a question while its answer is awaited, else an expert.

An expert's pause that is open today ends as the office ends it; new ones have their last day.
"""

from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    """Only open cases stand still; the reason in words stays as it was written."""
    using = schema_editor.connection.alias
    paused = apps.get_model("complaints", "Complaint").objects.using(using)
    paused = paused.filter(paused_on__isnull=False)
    paused.filter(state="awaiting_complainant").update(pause_kind="question")
    paused.filter(pause_kind="").update(pause_kind="expert")


class Migration(migrations.Migration):
    dependencies = [("complaints", "0006_paused_for_what")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="complaint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pause_kind", ""), ("pause_until", None), ("paused_on", None)),
                    models.Q(
                        ("paused_on__isnull", False), models.Q(("pause_kind", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="complaint_paused_why",
            ),
        ),
    ]
