"""The audit chain with its triggers and grants, and the cache table."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "audit.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "cache.sql").read_text(), "DROP TABLE portal_cache"),
    ]
