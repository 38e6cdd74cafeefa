"""A house of its own, served as `make run` serves it, and a browser that looks at it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from shanyraq.foundation import text

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "shanyraq.interfaces.cli.main"]
CALM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def chromium() -> str:
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    if not named:
        pytest.skip("no Chromium here: install it, or name it in CHROMIUM")
    return named


@dataclass(frozen=True)
class House:
    """A served demonstration."""

    address: str
    children: dict[str, str]
    kindergarten: str
    district: str
    names: dict[str, str]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    chromium()
    folder = tmp_path_factory.mktemp("journeys")
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    environment = {**kept, "SHANYRAQ_DEMO": "1", "SHANYRAQ_VAR_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    subprocess.run([*COMMAND, "up", "--no-serve"], env=environment, cwd=folder, check=True, timeout=180)
    told = subprocess.run(
        [sys.executable, "-m", "tests.journeys.world"], env=environment, cwd=ROOT, check=True, capture_output=True,
        timeout=60,
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*COMMAND, "serve", "--port", str(port)], env=environment, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield House(address, **json.loads(told.stdout))
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{address} did not answer")


@pytest.fixture(scope="session")
def browser(house: House) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=CALM)
        yield opened
        opened.close()


@dataclass
class Visitor:
    """Someone at a browser, in one language."""

    page: Page
    house: House
    lang: text.Lang

    def go(self, path: str) -> None:
        answer = self.page.goto(self.house.address + path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def say(self, code: str, **facts: text.Fact) -> str:
        return text.say(code, self.lang, **facts)

    def press(self, code: str) -> None:
        """Press the one button or link that carries the text of the code."""
        name = self.say(code)
        found = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name))
        found.first.click()

    def sees(self, words: str) -> None:
        assert words in self.page.inner_text("body"), f"{words!r} is not on {self.page.url}"


@pytest.fixture
def visit(browser: Browser, house: House):
    """visit("demo-parent", "ru") is a Visitor who has signed in with one click; "" is a stranger."""
    opened = []

    def begin(who: str, lang: text.Lang, *, size: dict[str, int] = WIDE, script: bool = True) -> Visitor:
        context = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
        context.add_cookies([{"name": "language", "value": lang, "url": house.address}])
        context.set_default_timeout(15_000)
        opened.append(context)
        visitor = Visitor(context.new_page(), house, lang)
        if who:
            visitor.go("/demo/")
            visitor.page.locator(f'form:has(input[value="{who}"]) button').first.click()
        return visitor

    yield begin
    for context in opened:
        context.close()
