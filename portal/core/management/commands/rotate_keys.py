from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from portal.core import audit, keyring, resealing
from portal.core.actors import Actor
from portal.core.clock import now


class Command(BaseCommand):
    help = (
        "Seal every sealed value anew under the current key while the portal serves. Needs the "
        "owner's login (DATABASE_OWNER_URL). Interrupted, it goes on when called again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-key", action="store_true", help="first add a key under the next version"
        )
        parser.add_argument(
            "--retire", action="store_true", help="at last take the old keys out of the key file"
        )
        parser.add_argument("--batch", type=int, default=resealing.BATCH)

    def handle(self, *args: object, **options: Any) -> None:
        file = Path(settings.KEY_FILE)
        keyring.keyring()
        for problem in keyring.problems(file):
            self.stderr.write(problem)
        if options["new_key"]:
            self.stdout.write(f"key version {keyring.add_version(file)} added to {file}")
        sealed, broken = self._reseal(options["batch"])
        try:
            left = resealing.left_on_old_keys()
        except OperationalError as busy:
            raise CommandError("the tables are busy; call again without --new-key") from busy
        self._keep("keys.rotated", sealed=sealed, left=left)
        self.stdout.write(f"{sealed} values sealed anew, {left} left on an old key")
        if broken or left:
            raise CommandError("not everything could be sealed anew; old keys are still needed")
        if options["retire"]:
            gone = keyring.retire_old(file)
            self._keep("keys.retired", versions=gone)
            self.stdout.write(f"versions taken out of the file: {gone}; keep the escrow copies")

    def _reseal(self, batch: int) -> tuple[int, list[str]]:
        done: dict[str, resealing.Progress] = {}
        for progress in resealing.reseal(batch):
            done[progress.where] = progress
            self.stdout.write(f"{progress.where}: {progress.sealed}")
        broken = [f"{one.where} {key}" for one in done.values() for key in one.broken]
        for each in broken:
            self.stderr.write(f"cannot be opened: {each}")
        return sum(one.sealed for one in done.values()), broken

    @staticmethod
    def _keep(act: str, **detail: Any) -> None:
        version = keyring.keyring().current
        entry = audit.line(act, None, by=Actor.calendar(), at=now(), version=version, **detail)
        audit.write_alone(entry)
