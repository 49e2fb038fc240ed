"""What many servers do with an upload: ``await file.read()``. The measure beside ours.

python -m benchmarks.naive_server DIRECTORY
"""

import socket
import sys
import uuid
from pathlib import Path

import uvicorn
from fastapi import FastAPI, UploadFile


def make_app(directory: Path) -> FastAPI:
    app = FastAPI()

    @app.get("/health")
    async def health() -> str:
        return "healthy"

    @app.post("/api/analyze_match", status_code=202)
    async def analyze_match(file: UploadFile) -> int:
        content = await file.read()
        return (directory / uuid.uuid4().hex).write_bytes(content)

    return app


def main() -> None:
    config = uvicorn.Config(make_app(Path(sys.argv[1])), log_level="warning")
    listener = socket.create_server(("127.0.0.1", 0), backlog=config.backlog)
    sys.stdout.write(f"serves at http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
