"""The command line: ``coach-pro serve``, ``worker``, ``migrate``, ``backup``, ``restore`` and ``engine-check``.

Each command imports what it does, and the others nothing: the server does not wait for the kit that examines engines.
"""

import gc

gc.disable()  # while modules are loaded, here and in `_serve`: see main.py

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from app.core.bundled import bundled
from app.core.config import Settings, read_settings
from app.core.engine_address import EngineAddress, read_addresses
from app.core.explanation import UNUSABLE, explained
from app.core.logging import configure_logging, log_to_stderr
from app.core.migrations import upgrade_database
from app.workers.engine_process import EngineDidNotStart, EngineProcess

if TYPE_CHECKING:
    from app.core.database import Database
    from app.services.analysis_service import EngineIdentity

gc.freeze()
gc.enable()

_BACKLOG = 2048
_OF_ENGINE = "cv2"  # a package of the extra, and of nothing else that we need
_ENGINE_PORT = 50051
_SAMPLE = bundled("samples") / "tsukuba_wide_left.mp4"

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Coach Pro: from match video to true numbers.",
)


class _BackupCommands(TyperGroup):
    """``backup DEST`` is ``backup make DEST``. A directory with the name of a command is written as ``./prune``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_short = bool(args) and not args[0].startswith("-") and args[0] not in self.commands
        return super().parse_args(ctx, ["make", *args] if is_short else args)


backups = typer.Typer(cls=_BackupCommands, no_args_is_help=True, help="Make backups (`backup DEST`), and prune them.")
app.add_typer(backups, name="backup")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    bundled_engine: Annotated[bool, typer.Option(help="Start the bundled engine beside the server.")] = True,
) -> None:
    """Serve the API with embedded workers and, unless told otherwise, the bundled engine."""
    # uvicorn raises the signal that stopped it once more, when it is done; the default would end us before `finally`.
    signal.signal(signal.SIGTERM, _exit)
    with explained():
        settings = read_settings()
        if bundled_engine and find_spec(_OF_ENGINE) is None:
            _give_up("The bundled engine is not installed: `pip install coach-pro[engine]`, or --no-bundled-engine.")
        upgrade_database(settings.sqlalchemy_url)
        listener = _listen(host, port)
    if not bundled_engine:
        _serve(settings, listener)
        return
    engine = EngineProcess(settings)
    try:
        engine_port = _start(engine)
        _serve(settings.model_copy(update=_at_bundled_engine(engine_port)), listener)
    finally:
        engine.stop()


@app.command()
def worker(
    concurrency: Annotated[int | None, typer.Option(min=1, help="Jobs at once; WORKER_CONCURRENCY.")] = None,
) -> None:
    """Run jobs without serving the API, for servers on this machine or others; JOB_BACKEND=celery wakes it sooner."""
    from app.workers.process import WorkerProcess

    with explained():
        settings = read_settings()
        if concurrency is not None:
            settings = settings.model_copy(update={"worker_concurrency": concurrency})
        configure_logging(settings)
        process = WorkerProcess(settings)
        process.prepare()
    process.start()
    typer.echo(f"Coach Pro works on up to {settings.worker_concurrency} jobs at once")
    process.run()


@app.command()
def migrate() -> None:
    """Bring the configured database to the newest schema."""
    with explained():
        url = Settings().sqlalchemy_url
        upgrade_database(url)
    typer.echo(f"{url.render_as_string(hide_password=True)} has the newest schema.")


@backups.command("make")
def backup(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A directory; each run adds a backup to it.")],
) -> None:
    """Back up all rows and files, while the server runs; files that an earlier backup has are not copied again."""
    from app.services.backup.make_backup import make_backup
    from app.services.backup.vault import Vault
    from app.workers.assembly import stored_files

    with explained():
        settings = Settings()
        with _database_of(settings) as database:
            store = stored_files(settings)
            store.videos.check()
            made = make_backup(database, store, Vault(destination))
    rows = sum(table.rows for table in made.manifest.tables)
    typer.echo(f"{made.place}: {rows} rows, {len(made.manifest.files)} files, {made.files_copied} of them new.")
    for name in made.manifest.absent:
        typer.echo(f"coach-pro: {name} has a row, but no file.", err=True)
    for sentence in made.damaged:
        typer.echo(f"coach-pro: {sentence} The new backup does without it.", err=True)


@backups.command()
def prune(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="The directory of the backups.")],
    *,
    keep_last: Annotated[int, typer.Option(min=0, help="The latest backups.")] = 0,
    keep_daily: Annotated[int, typer.Option(min=0, help="The latest one of each of so many days.")] = 0,
    keep_weekly: Annotated[int, typer.Option(min=0, help="The latest one of each of so many weeks.")] = 0,
    keep_monthly: Annotated[int, typer.Option(min=0, help="The latest one of each of so many months.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
) -> None:
    """Delete backups that none of the rules keeps, and the files that only they have."""
    from app.services.backup.prune_backups import KeepRules, prune_backups
    from app.services.backup.vault import Vault

    rules = KeepRules(keep_last, keep_daily, keep_weekly, keep_monthly)
    with explained():
        pruned = prune_backups(Vault(destination), rules, dry_run=dry_run)
    for place, reasons in pruned.kept:
        typer.echo(f"keep  {place.name}  {reasons}")
    for place in pruned.dropped:
        typer.echo(f"drop  {place.name}")
    freed = f"files that only they have: {pruned.files}, {pruned.freed_bytes / 1e6:.1f} MB"
    typer.echo(f"{'Would drop' if dry_run else 'Dropped'} backups: {len(pruned.dropped)}; {freed}")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A directory of backups, or one backup in it.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete the rows that are there.")] = False,
) -> None:
    """Bring back the latest backup, or a given one. Stop all servers and workers before."""
    from app.services.backup.restore_backup import Source, restore_backup
    from app.workers.assembly import stored_files

    with explained():
        settings = Settings()
        with _database_of(settings) as database:
            store = stored_files(settings)
            store.videos.check()
            manifest = restore_backup(database, store, Source.at(source), replace=replace)
    rows = sum(table.rows for table in manifest.tables)
    typer.echo(f"Restored {rows} rows and {len(manifest.files)} files as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.")


@app.command("engine-check")
def engine_check(  # noqa: PLR0913, PLR0917 - the options of a command
    address: Annotated[str, typer.Argument(metavar="HOST:PORT", help="The engine to examine.")],
    video: Annotated[
        Path, typer.Option(help="A video with people in it, at a path that the engine sees too.")
    ] = _SAMPLE,
    calibration: Annotated[Path | None, typer.Option(help="Its calibration points, as JSON.")] = None,
    output_dir: Annotated[Path | None, typer.Option(help="Where the engine leaves results that are files.")] = None,
    timeout_s: Annotated[float, typer.Option(min=1, help="Seconds that one analysis may take.")] = 600,
    tls_ca: Annotated[
        Path | None, typer.Option(envvar="ENGINE_TLS_CA", help="Who signs its certificate, PEM; none: no TLS.")
    ] = None,
    tls_name: Annotated[
        str | None, typer.Option(envvar="ENGINE_TLS_NAME", help="The name in it, if not the address.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(envvar="ENGINE_TOKEN_FILE", help="A file with the token that it asks for.")
    ] = None,
) -> None:
    """Run an engine through the contract, and print what holds; exit code 1 when something required does not."""
    from app.services.engine_check.findings import Verdict, table_row
    from app.services.engine_check.kit import Sample, examine

    log_to_stderr("WARNING")
    with explained():
        engine = _one_engine(address)
        identity = _identity(tls_ca, tls_name, token_file)
        findings = []
        for finding in examine(engine, Sample(video, calibration, output_dir), timeout_s=timeout_s, identity=identity):
            typer.echo(table_row(finding))
            findings.append(finding)
    raise typer.Exit(int(any(finding.verdict is Verdict.BROKEN for finding in findings)))


@contextmanager
def _database_of(settings: Settings) -> Iterator["Database"]:
    from app.workers.assembly import make_database, make_redis, share_changes

    database = make_database(settings)
    share_changes(database, make_redis(settings))
    try:
        yield database
    finally:
        database.dispose()


def _one_engine(text: str) -> EngineAddress:
    try:
        (address,) = read_addresses(text, default_port=_ENGINE_PORT)
    except ValueError:
        _give_up(f'"{text}" is not the address of one engine, such as localhost:{_ENGINE_PORT}.')
    return address


def _identity(authority: Path | None, name: str | None, token_file: Path | None) -> "EngineIdentity | None":
    from app.services.analysis_service import EngineIdentity

    token = token_file.read_text(encoding="utf-8").strip() if token_file else None
    if token == "":
        _give_up(f"There is no token in {token_file}.")
    if authority is None:
        if token is not None:
            _give_up("A token is sent over TLS only; name the engine's authority with --tls-ca.")
        return None
    return EngineIdentity(authority.read_bytes(), name, token)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port. From now on clients wait for an answer; they are not refused.

    Raises:
        OSError: the port is taken, or the address is not ours.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise OSError(error.errno, f"Cannot listen on {host}, port {port} ({error.strerror})") from error


def _serve(settings: Settings, listener: socket.socket) -> None:
    gc.disable()
    import uvicorn

    from app.factory import create_app

    with explained():
        app = create_app(settings)
    gc.freeze()
    gc.enable()
    host, port = listener.getsockname()[:2]
    typer.echo(f"Coach Pro serves at http://{host}:{port}")
    # Without uvicorn's own belief in proxies: it trusts everybody on this machine, so that whoever guesses passwords
    # could choose an address for every attempt. The application knows which ones are ours (TRUSTED_PROXIES).
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=30, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listener])


def _at_bundled_engine(port: int) -> dict[str, object]:
    """It listens on the loopback interface, and asks nobody who he is."""
    open_door: dict[str, object] = {"engine_tls_ca": None, "engine_tls_name": None, "engine_token": None}
    return open_door | {"analysis_engine_host": "127.0.0.1", "analysis_engine_port": port}


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _start(engine: EngineProcess) -> int:
    try:
        with explained():
            return engine.start()
    except EngineDidNotStart:
        _give_up("The bundled engine ended before it was ready; its reason stands above.")


def _give_up(sentence: str) -> NoReturn:
    typer.echo(f"coach-pro: {sentence}", err=True)
    raise typer.Exit(UNUSABLE)


def main() -> None:
    """Entry point of the console script; children find our packages wherever we were started."""
    root = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    app()


if __name__ == "__main__":
    main()
