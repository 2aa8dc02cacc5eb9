"""What was sent stays as it was sent: the application may add submissions, never change them."""

from django.db import migrations

FREEZE = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE UPDATE, DELETE ON facilities_filingsubmission FROM portal_app;
        REVOKE DELETE ON core_officialpaper FROM portal_app;
    END IF;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("facilities", "0001_initial"), ("core", "0002_audit_and_cache")]
    operations = [migrations.RunSQL(FREEZE, migrations.RunSQL.noop)]
