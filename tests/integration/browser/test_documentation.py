"""The documentation pages in a real browser: they show the API, let it be tried out, and keep to their own policy."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from app.core.config import Settings
from tests.servers.coach_pro import ServerProcess

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)"),
]

LISTEN = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
    event => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])  # for tests run as root
        page = browser.new_page()
        page.add_init_script(LISTEN)
        yield page
        browser.close()


@pytest.fixture
def server(make_settings: Callable[..., Settings], tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(make_settings(), tmp_path, engine_port=1)
    yield process
    process.stop()


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser found wrong, as it does in its console."""
    heard: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            heard.append(message.text)

    page.on("console", listen)
    yield heard
    page.remove_listener("console", listen)


def test_an_operation_can_be_tried_out(page: Page, server: ServerProcess, complaints: list[str]) -> None:
    page.goto(f"{server.url}/docs")
    operation = page.locator(".opblock", has=page.locator("[data-path='/livez']"))
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response .response-col_status").first
    answer.wait_for()
    assert answer.inner_text().split()[0] == "200"
    assert page.evaluate("window.violations") == []
    assert complaints == []


def test_the_reference_is_shown_without_its_maker_s_logo(page: Page, server: ServerProcess) -> None:
    """ReDoc asks its maker's site for that; the policy lets nobody be asked but us."""
    page.goto(f"{server.url}/redoc")
    page.get_by_role("heading", name="Coach Pro").first.wait_for()
    page.get_by_text("/api/analyze_match").first.wait_for()
    logo = page.wait_for_function("window.violations.length && window.violations").json_value()
    assert logo == ["img-src https://cdn.redoc.ly/redoc/logo-mini.svg"]
