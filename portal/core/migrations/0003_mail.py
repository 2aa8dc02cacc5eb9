import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_audit_and_cache"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="mail_topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("todo", "待办：需要您办理的事"),
                        ("result", "结果：您报送的事有了结果"),
                        ("reminder", "提醒：期限快到或已过"),
                        ("system", "系统：账号和成员的变化"),
                    ],
                    max_length=10,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="outbox",
            name="failed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="outbox",
            index=models.Index(
                condition=models.Q(("failed_at__isnull", False)),
                fields=["failed_at"],
                name="outbox_failed",
            ),
        ),
    ]
