"""The command line: ``coach-pro serve`` and ``coach-pro migrate``."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, OperationalError

from app.core.config import Settings
from app.core.migrations import upgrade_database
from app.factory import create_app
from app.workers.engine_process import EngineDidNotStart, EngineProcess

_BACKLOG = 2048

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Coach Pro: from match video to true numbers.",
)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    bundled_engine: Annotated[bool, typer.Option(help="Start the bundled engine beside the server.")] = True,
) -> None:
    """Serve the API with embedded workers and, unless told otherwise, the bundled engine."""
    # uvicorn raises the signal that stopped it once more, when it is done; the default would end us before `finally`.
    signal.signal(signal.SIGTERM, _exit)
    with _explained():
        settings = Settings()
        upgrade_database(settings.sqlalchemy_url)
        listener = _listen(host, port)
    if not bundled_engine:
        _serve(settings, listener)
        return
    engine = EngineProcess()
    try:
        with _explained():
            engine_port = engine.start()
        at_engine = {"analysis_engine_host": "127.0.0.1", "analysis_engine_port": engine_port}
        _serve(settings.model_copy(update=at_engine), listener)
    finally:
        engine.stop()


@app.command()
def migrate() -> None:
    """Bring the configured database to the newest schema."""
    with _explained():
        url = Settings().sqlalchemy_url
        upgrade_database(url)
    typer.echo(f"{url.render_as_string(hide_password=True)} has the newest schema.")


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
    with _explained():
        app = create_app(settings)
    host, port = listener.getsockname()[:2]
    typer.echo(f"Coach Pro serves at http://{host}:{port}")
    uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=30)).run(sockets=[listener])


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@contextmanager
def _explained() -> Iterator[None]:
    """An operator's mistake is one sentence and exit code 2, not a traceback."""
    try:
        yield
    except ValidationError as error:
        sentences = [f"{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors()]
        _give_up(f"The configuration ({Path('.env').resolve()} and the environment) is not usable: {sentences[0]}")
    except ArgumentError:
        _give_up("The DATABASE_URL is not a database address.")
    except OperationalError as error:
        _give_up(f"The database cannot be used: {error.orig}")
    except EngineDidNotStart:
        _give_up("The bundled engine ended before it was ready; its reason stands above.")
    except OSError as error:
        _give_up(f"{error.strerror}: {error.filename}" if error.filename else str(error))


def _give_up(sentence: str) -> NoReturn:
    typer.echo(f"coach-pro: {sentence}", err=True)
    raise typer.Exit(2)


def main() -> None:
    """Entry point of the console script; children find our packages wherever we were started."""
    root = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    app()


if __name__ == "__main__":
    main()
