from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from portal.core import clock, maintenance
from portal.core.backups import making

OWNER = "owner"


class Command(BaseCommand):
    help = "Back up, take nothing meanwhile, migrate as the owner, bring reference data up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--no-backup", action="store_true", help="migrate even where no copy can be made"
        )

    def handle(self, *args: object, **options: Any) -> None:
        """A migration that fails leaves the portal read-only, with the copy made before it."""
        at, copy = clock.now(), None
        if self._is_pending():
            maintenance.begin()
            if self._holds_data() and not options["no_backup"]:
                copy = self._copy()
        call_command("migrate", database=OWNER, interactive=False, verbosity=0)
        if copy:
            made = making.note(copy, at=at, by=None, nightly=False)
            self.stdout.write(f"升级前的备份 / copy from before the upgrade: {made.name}")
        call_command("load_reference")
        maintenance.end()

    @staticmethod
    def _is_pending() -> bool:
        executor = MigrationExecutor(connections[OWNER])
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    @staticmethod
    def _holds_data() -> bool:
        """Whether somebody uses it: asked without the models, which are newer than the tables."""
        with connections[OWNER].cursor() as cursor:
            cursor.execute("SELECT to_regclass('public.core_user') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return False
            cursor.execute("SELECT EXISTS (SELECT 1 FROM core_user)")
            return bool(cursor.fetchone()[0])

    @staticmethod
    def _copy() -> making.Copy:
        try:
            return making.copy_only(clock.now())
        except making.FAULTS as fault:
            maintenance.end()
            raise CommandError(
                "升级前没有做成备份，没有升级 / no copy was made, nothing was migrated: "
                f"{making.why(fault)} (--no-backup)"
            ) from None
