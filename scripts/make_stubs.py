"""Generate contract/analysis_pb2* from contract/analysis.proto; ``--check`` only tells whether they are fresh."""

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[1]
PROTO = "contract/analysis.proto"
STUBS = ("analysis_pb2.py", "analysis_pb2.pyi", "analysis_pb2_grpc.py")


def generate(out: Path) -> None:
    arguments = ["protoc", f"-I{ROOT}", f"--python_out={out}", f"--pyi_out={out}", f"--grpc_python_out={out}", PROTO]
    if protoc.main(arguments) != 0:
        sys.exit("protoc failed")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        generate(Path(directory))
        made = Path(directory) / "contract"
        if "--check" not in sys.argv:
            for name in STUBS:
                shutil.copy(made / name, ROOT / "contract" / name)
            return
        stale = [name for name in STUBS if not filecmp.cmp(made / name, ROOT / "contract" / name, shallow=False)]
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run python scripts/make_stubs.py")


if __name__ == "__main__":
    main()
