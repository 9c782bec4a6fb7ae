"""A real Chromium, a desk on http and one on https, and a foreign site on both."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.partner import Partner, self_signed
from tests.desk import Desk

CHROMIUM = "/usr/bin/chromium"
HOSTS = ("desk.test", "*.desk.test", "partner.example", "evil.example")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Plain http is one of the cases: Chromium must not turn it into https on its own.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
    "--host-resolver-rules=" + ", ".join(f"MAP {host} 127.0.0.1" for host in HOSTS),
]
LAUNCH: dict = {
    "executable_path": CHROMIUM,
    "headless": True,
    "args": FLAGS,
    "ignore_default_args": ["--disable-popup-blocking"],
}
# How much of a frame's cookies a browser keeps: as it comes, none of third parties, none at all.
COOKIES: dict[str, dict] = {
    "allowed": {"profile": {"cookie_controls_mode": 0}},
    "third-party-blocked": {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}},
    "all-blocked": {"profile": {"default_content_setting_values": {"cookies": 2}}},
}


class Site:
    """A desk and a foreign site of one scheme, as a browser sees them."""

    def __init__(self, desk: Desk, partner: Partner) -> None:
        self.desk, self.partner = desk, partner
        self.origin = f"{desk.scheme}://desk.test:{desk.port}"

    def login(self, token: str, surface: str = "agent") -> str:
        return f"{self.origin}/{surface}/auth/login?accessToken={token}"


class Chromium:
    """Gives out browsers; each `context` is a person of its own.

    One without a wish as to cookies lives in the one browser of its test file, beside the others. One with
    a wish is a browser of its own: what it keeps is a setting of its whole profile.
    """

    def __init__(self, playwright: Playwright, shared: Browser, folder: Path) -> None:
        self.playwright, self.shared, self.folder = playwright, shared, folder
        self.open: list[BrowserContext] = []

    def context(self, cookies: str = "") -> BrowserContext:
        context = self._own(cookies) if cookies else self.shared.new_context(ignore_https_errors=True)
        context.set_default_timeout(15_000)
        self.open.append(context)
        return context

    def _own(self, cookies: str) -> BrowserContext:
        profile = self.folder / str(len(self.open))
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(COOKIES[cookies]))
        return self.playwright.chromium.launch_persistent_context(
            str(profile), ignore_https_errors=True, **LAUNCH
        )

    def page(self, cookies: str = "") -> Page:
        return self.context(cookies).new_page()

    def close(self) -> None:
        for context in self.open:
            context.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def secure_desk(django_db_setup, django_db_blocker, tmp_path_factory, certificate):
    with django_db_blocker.unblock():
        desk = Desk(tmp_path_factory.mktemp("secure"), tls=certificate)
    yield desk
    desk.stop()


@pytest.fixture(scope="session")
def partners(certificate):
    both = {"http": Partner(), "https": Partner(certificate)}
    yield both
    for each in both.values():
        each.stop()


@pytest.fixture
def http_site(desk, partners) -> Site:
    return Site(desk, partners["http"])


@pytest.fixture
def https_site(transactional_db, secure_desk, partners) -> Site:
    return Site(secure_desk, partners["https"])


@pytest.fixture(params=["http", "https"])
def site(request) -> Site:
    return request.getfixturevalue(f"{request.param}_site")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Playwright keeps an event loop running in this thread, where Django would refuse to touch the database,
    # and which tests of other files must not find.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(**LAUNCH)
    yield browser
    browser.close()


@pytest.fixture
def chromium(transactional_db, playwright, browser, tmp_path) -> Iterator[Chromium]:
    chromium = Chromium(playwright, browser, tmp_path)
    yield chromium
    chromium.close()
