"""``python -m engine``: serve analyses until told to stop.

``evaluate``: how good it is; ``preview``: a video of what it finds; ``health``: whether another one serves.
"""

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, NoReturn

import cv2
import typer

from confinement.seccomp import refuse_calls
from contract.tracing import TracingUnusable, is_tracing, start_tracing, stop_tracing
from engine import ENGINE_VERSION
from engine.evaluation.command import evaluate
from engine.preview import preview
from engine.server import Door, call_threads, is_serving, make_server
from engine.stopping import StopRequest

logger = logging.getLogger(__name__)

_GRACE_S = 3.0
_HEALTH_PATIENCE_S = 5.0
_STDIN = 0

cli = typer.Typer(add_completion=False, help="The bundled analysis engine.")
cli.command()(evaluate)
cli.command()(preview)


@cli.callback(invoke_without_command=True)
def serve(  # noqa: PLR0913, PLR0917 - the options of a command
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 50051,
    workers: Annotated[int, typer.Option(min=0, help="Analyses at a time; 0 is one per core.")] = 0,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate, PEM; with --tls-key.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key, PEM.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with the token that callers must send.")] = None,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Open nothing new once it listens; engine.lockdown does the rest.")
    ] = False,
    exit_with_stdin: Annotated[bool, typer.Option("--exit-with-stdin", help="Stop when stdin ends.")] = False,
) -> None:
    """Serve the bundled analysis engine over gRPC."""
    if context.invoked_subcommand is not None:
        return
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    cores = os.cpu_count() or 1
    workers = workers or cores
    cv2.setNumThreads(max(1, cores // workers))
    stop = StopRequest()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stop.send(signal.Signals(number).name))
    try:
        start_tracing("coach-pro-engine", version=ENGINE_VERSION)
        threads = call_threads(workers)
        server, bound_port = make_server(f"{host}:{port}", workers, threads, _door(tls_cert, tls_key, token_file))
    except TracingUnusable as error:
        raise typer.BadParameter(str(error)) from error
    except RuntimeError as error:
        raise typer.BadParameter(f"Cannot listen on {host}:{port}.") from error
    server.start()
    if sealed and not refuse_calls(tcp=is_tracing()):
        logger.warning("this kernel cannot refuse system calls; the engine may open sockets and start programs")
    typer.echo(f"listening on {host}:{bound_port}")  # supervisors read this line
    sys.stdout.flush()
    if exit_with_stdin:
        threading.Thread(target=_stop_at_end_of_stdin, args=(stop,), daemon=True).start()
    logger.info("stopping: %s", stop.wait())
    server.stop(_GRACE_S).wait()
    threads.shutdown()  # calls that were broken off leave nothing behind
    stop_tracing()
    _end()


@cli.command()
def health(
    host: Annotated[str, typer.Option(help="Where the engine listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Its port.")] = 50051,
) -> None:
    """Ask an engine without TLS whether it serves, as containers do; exit code 1 when it does not."""
    if not is_serving(f"{host}:{port}", timeout_s=_HEALTH_PATIENCE_S):
        typer.echo(f"No engine serves at {host}:{port}.", err=True)
        raise typer.Exit(1)
    typer.echo("serving")


def _door(certificate: Path | None, key: Path | None, token_file: Path | None) -> Door:
    if (certificate is None) is not (key is None):
        raise typer.BadParameter("--tls-cert and --tls-key belong together.")
    if token_file is not None and certificate is None:
        raise typer.BadParameter("A token would be sent in clear; --token-file needs --tls-cert and --tls-key.")
    try:
        pem, private = (path.read_bytes() if path else None for path in (certificate, key))
        token = token_file.read_text(encoding="utf-8").strip() if token_file else None
    except OSError as error:
        raise typer.BadParameter(f"Cannot read {error.filename}.") from error
    if token == "":
        raise typer.BadParameter(f"There is no token in {token_file}.")
    return Door(pem, private, token)


def _end() -> NoReturn:
    """End without taking the interpreter down: it ends threads wherever they are, and one that is in the middle of
    OpenCV would abort the process."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _stop_at_end_of_stdin(stop: StopRequest) -> None:
    # os.read, because a daemon thread inside sys.stdin's lock would hang the interpreter's exit.
    while os.read(_STDIN, 4096):
        pass
    stop.send("stdin has ended")


if __name__ == "__main__":
    cli()
