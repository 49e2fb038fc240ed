"""What pyproject.toml cannot say: a wheel carries directories of the root inside the package that uses them."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
BUNDLED = {
    "alembic": ("env.py", "script.py.mako", "versions/*.py"),
    "samples": ("*.mp4", "*.calibration.json", "LICENSE*", "README.md"),
}


class BuildWithBundled(build_py):
    """``app.core.bundled`` finds them: in a checkout at the root, as Alembic's command does, and in a wheel here."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.rmtree(self._target, ignore_errors=True)  # what an earlier build had, and this one has not
            for source in self._sources():
                target = self._target / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    @property
    def _target(self) -> Path:
        return Path(self.build_lib) / "app" / "_bundled"

    def _sources(self) -> list[Path]:
        found = [(name, pattern, list((ROOT / name).glob(pattern))) for name in BUNDLED for pattern in BUNDLED[name]]
        for name, pattern, paths in found:
            if not paths:
                raise FileNotFoundError(f"there is no {name}/{pattern} to put into the wheel")
        return [path for _, _, paths in found for path in paths]


setup(cmdclass={"build_py": BuildWithBundled})
