"""Write docs/openapi.json; ``--check`` only tells whether it is fresh."""

import json
import sys
import tempfile
from pathlib import Path

from pydantic import SecretStr

from app.core.config import Settings
from app.factory import create_app

TARGET = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def render() -> str:
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings(
            _env_file=None,
            secret_key=SecretStr("a key that signs nothing: only the document is made"),
            database_url=SecretStr("sqlite://"),
            upload_dir=Path(directory),
            data_dir=Path(directory),
        )
        document = create_app(settings).openapi()
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    if "--check" not in sys.argv:
        TARGET.write_text(render(), encoding="utf-8")
    elif not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != render():
        sys.exit("stale: docs/openapi.json; run python -m scripts.make_openapi")


if __name__ == "__main__":
    main()
