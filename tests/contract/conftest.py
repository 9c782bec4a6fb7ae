"""The browser and the foreign site of tests/browser, for snippets that run in pages."""

from tests.browser.conftest import browser, certificate, chromium, http_site, partners, playwright  # noqa: F401
