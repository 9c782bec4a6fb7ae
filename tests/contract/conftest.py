"""The browser and the foreign site of tests/browser, for snippets that run in pages."""

from tests.browser.conftest import certificate, chromium, http_site, partners  # noqa: F401
