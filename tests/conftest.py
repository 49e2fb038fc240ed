"""What all tests share. ``--fail-on-skip`` turns every skip into a failure, as the continuous integration does."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test asserts how fast this machine is. The continuous integration tries the same examples each time, so that it
# says the same of the same code; everywhere else they are new ones.
settings.register_profile("anywhere", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("integration", settings.get_profile("anywhere"), derandomize=True)
settings.load_profile("integration" if os.environ.get("FAIL_ON_SKIP") == "1" else "anywhere")

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
SAMPLE_VIDEO = ROOT / "samples" / "tsukuba_wide_left.mp4"
SAMPLE_CALIBRATION = ROOT / "samples" / "tsukuba_wide_left.calibration.json"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fail-on-skip",
        action="store_true",
        default=os.environ.get("FAIL_ON_SKIP") == "1",
        help="count a skipped test as a failure (also: FAIL_ON_SKIP=1)",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.skipped and item.config.getoption("--fail-on-skip") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and skips count as failures here: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of third-party footage and labels, which lies beside the checkout and is not part of it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data, the third-party data that the repository may not contain")
    return SHARED_DATA
