from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.core.backups import restoring, sealing, server


class Command(BaseCommand):
    help = "Put a copy into an empty database, as its owner, and an empty folder of files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("copy", type=Path, help="the file that manage.py backup made")
        parser.add_argument("--key", type=Path, default=None, help="default: BACKUP_KEY_FILE")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            key = sealing.read_key(options["key"] or Path(settings.BACKUP_KEY_FILE))
            where, password = server.address("owner")
            media = Path(settings.PRIVATE_MEDIA_ROOT)
            found = restoring.restore(options["copy"], key, where, media, password=password)
        except sealing.KeyMissing as fault:
            raise CommandError(f"没有备份钥匙 / no backup key: {fault}") from None
        except sealing.CopyBroken as fault:
            raise CommandError(f"备份打不开 / the copy cannot be opened: {fault}") from None
        except restoring.NotEmpty as fault:
            raise CommandError(f"只能装进空的地方 / not an empty place: {fault}") from None
        except (restoring.NotRestored, OSError) as fault:
            raise CommandError(f"没有装回去 / not restored: {fault}") from None
        self._tell(found)

    def _tell(self, found: restoring.Found) -> None:
        self.stdout.write(
            f"copy of {found.made}: tables {found.tables}, rows {found.rows}, "
            f"files {found.files}, audit line {found.audit_seq}"
        )
        if not found.is_whole:
            raise CommandError("\n".join(["与备份不一致 / differs:", *found.differences]))
        self.stdout.write("一致 / equal, table by table and along the audit chain")
