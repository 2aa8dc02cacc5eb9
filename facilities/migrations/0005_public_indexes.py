"""Indexes for every order and condition that residents may ask of the list of facilities."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import Q

PUBLIC = Q(("merged_into__isnull", True), ("registration", "registered")) & ~Q(
    ("operating", "closed")
)
BY_NAME = ["sort_key", "code"]


def public_index(name, fields, also=None):
    """An index of the public rows, as the model writes it."""
    condition = PUBLIC & also if also else PUBLIC
    index = models.Index(fields=fields, condition=condition, name=f"facility_public_{name}")
    return migrations.AddIndex(model_name="facility", index=index)


class Migration(migrations.Migration):
    dependencies = [("facilities", "0004_life_after")]

    operations = [
        migrations.AddIndex(
            model_name="classgroup",
            index=models.Index(fields=["-updated_on"], name="class_newest"),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=GinIndex(
                fields=["service_forms"], condition=PUBLIC, name="facility_public_services"
            ),
        ),
        public_index("name", BY_NAME),
        public_index("newest", ["-registered_on", "code"]),
        public_index("fee", ["monthly_fee_from", "code"]),
        public_index("vacancies", ["-vacancies", "code"]),
        public_index("age", ["age_from", "age_to"]),
        public_index("vacant", BY_NAME, Q(("vacancies__gt", 0))),
        public_index("affordable", BY_NAME, Q(("is_affordable", True))),
        public_index("extended", BY_NAME, Q(("extended_until__isnull", False))),
        public_index("meals", BY_NAME, Q(("serves_meals", True))),
        public_index("accessible", BY_NAME, Q(("is_accessible", True))),
    ]
