"""The command line: ``coach-pro serve`` and ``coach-pro migrate``."""

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError

from app.core.config import Settings
from app.core.migrations import upgrade_database
from app.factory import create_app
from app.workers.engine_process import EngineProcess

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Coach Pro: from match video to true numbers.")


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    bundled_engine: Annotated[bool, typer.Option(help="Start the bundled engine beside the server.")] = True,
) -> None:
    """Serve the API with embedded workers and, unless told otherwise, the bundled engine."""
    settings = _settings()
    # uvicorn raises the signal that stopped it once more, when it is done; the default would end us before `finally`.
    signal.signal(signal.SIGTERM, _exit)
    upgrade_database(settings.sqlalchemy_url)
    if not bundled_engine:
        _serve(settings, host, port)
        return
    engine = EngineProcess()
    engine_port = engine.start()
    try:
        at_engine = {"analysis_engine_host": "127.0.0.1", "analysis_engine_port": engine_port}
        _serve(settings.model_copy(update=at_engine), host, port)
    finally:
        engine.stop()


@app.command()
def migrate() -> None:
    """Bring the configured database to the newest schema."""
    url = _settings().sqlalchemy_url
    upgrade_database(url)
    typer.echo(f"{url.render_as_string(hide_password=True)} has the newest schema.")


def _serve(settings: Settings, host: str, port: int) -> None:
    config = uvicorn.Config(create_app(settings), host=host, port=port, log_config=None, timeout_graceful_shutdown=30)
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen(config.backlog)  # from now on clients wait for an answer; they are not refused
    typer.echo(f"Coach Pro serves at http://{host}:{listener.getsockname()[1]}")
    server.run(sockets=[listener])


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            typer.echo(f"Configuration: {name}: {problem['msg']} (set it in {Path('.env').resolve()}).", err=True)
        raise typer.Exit(2) from None


def main() -> None:
    """Entry point of the console script; children find our packages wherever we were started."""
    root = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    app()


if __name__ == "__main__":
    main()
