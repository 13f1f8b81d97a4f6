"""The console in Debian's Chromium, as its users see it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from infra.local.stack.process import PROJECT
from shared.domain.access.principal import Role
from shared.http.paths import API_ROOT
from tests.support.tenants import TestClient
from tests.support.users import sign_up

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_DESK: dict[str, Any] = {"viewport": {"width": 1360, "height": 900}}
_AXE = PROJECT / "console" / "node_modules" / "axe-core" / "axe.min.js"
_PATIENCE_MS = 60_000  # a machine that is busy is no failure


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's Chromium, else the one that Playwright has installed."""
    assert (PROJECT / "console" / "dist" / "index.html").exists(), "the console is not built: run `make test`"
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        # Tests may run as root, in a container whose /dev/shm is small.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser of their own; what goes wrong in it is kept."""

    context: BrowserContext
    base_url: str
    faults: list[str] = field(default_factory=list)

    def tab(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.goto(f"{self.base_url}{path}")
        return page


@dataclass
class Browsing:
    """Makes visitors, and looks at the end whether anything went wrong in their browsers."""

    browser: Browser
    visitors: list[Visitor] = field(default_factory=list)

    def stranger(self, client: TestClient, **options: Any) -> Visitor:
        """Somebody who has not signed in."""
        context = self.browser.new_context(locale="en-GB", **(_DESK | options))
        context.set_default_timeout(_PATIENCE_MS)
        visitor = Visitor(context, client.base_url.removesuffix(API_ROOT))
        self.visitors.append(visitor)
        return visitor

    def user(self, client: TestClient, role: Role = Role.PROCUREMENT, path: str = "/", **options: Any) -> Page:
        """A tab of a new user of the client, signed in as the link of the local stack does it."""
        visitor = self.stranger(client, **options)
        return visitor.tab(f"{path}#refresh_token={sign_up(client, role=role).sign_in().json()['refresh_token']}")

    def close(self) -> None:
        """Raises AssertionError when a page has failed."""
        for visitor in self.visitors:
            visitor.context.close()
        faults = [fault for visitor in self.visitors for fault in visitor.faults]
        assert faults == []


def settled(page: Page) -> None:
    """Wait until nothing is loading; a page whose stream of events is open is never idle."""
    expect(page.locator(".skeleton, .stale, [aria-busy=true]")).to_have_count(0)


def assert_accessible(page: Page) -> None:
    """No violation that axe finds, in light and dark."""
    # Into its own world: the page's policy lets no other script run.
    page.evaluate(_AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("async () => (await axe.run()).violations")
        told = [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]
        assert told == [], scheme


def assert_fits(page: Page) -> None:
    """Nothing is beside the window."""
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('main *:not(.table-frame *, .visually-hidden)')]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
            .map((each) => each.outerHTML.slice(0, 120))"""
    )
    assert too_wide == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def requests_of(page: Page, act: Callable[[], object]) -> list[str]:
    """The API's paths that the page asks for while `act` runs and until nothing is loading."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if API_ROOT in request.url else None)
    act()
    settled(page)
    return [f"{url.split(API_ROOT, 1)[1]}" for url in asked]
