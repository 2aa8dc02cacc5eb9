"""What a department answers for gets dates; what was on record counts since before the portal."""

import django.db.models.deletion
from django.db import migrations, models


def keep_matters(apps, schema_editor):
    alias = schema_editor.connection.alias
    matters = apps.get_model("facilities", "DepartmentMatter").objects.using(alias)
    for department in apps.get_model("facilities", "Department").objects.using(alias).all():
        matters.create(department=department, text=department.matter)


class Migration(migrations.Migration):
    dependencies = [
        ("facilities", "0018_place_on_the_map"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="department",
            options={
                "ordering": ["position", "id"],
                "verbose_name": "移送部门",
                "verbose_name_plural": "移送部门",
            },
        ),
        migrations.AddField(
            model_name="department",
            name="valid_until",
            field=models.DateField(blank=True, null=True, verbose_name="最后一天"),
        ),
        migrations.CreateModel(
            name="DepartmentMatter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=120, verbose_name="事项")),
                (
                    "valid_from",
                    models.DateField(blank=True, null=True, verbose_name="起始日期"),
                ),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="截止日期")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matters",
                        to="facilities.department",
                    ),
                ),
            ],
            options={
                "verbose_name": "部门事项",
                "verbose_name_plural": "部门事项",
                "ordering": [
                    "department",
                    models.OrderBy(models.F("valid_from"), descending=True, nulls_last=True),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to", None)),
                        fields=("department",),
                        name="matter_open_once",
                    ),
                    models.UniqueConstraint(
                        fields=("department", "valid_from"),
                        name="matter_from_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_to", None),
                            ("valid_to__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="matter_dates",
                    ),
                ],
            },
        ),
        migrations.RunPython(keep_matters),
        migrations.RemoveField(
            model_name="department",
            name="matter",
        ),
    ]
