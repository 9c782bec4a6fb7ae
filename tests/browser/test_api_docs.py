"""The page of the API's docs, under its strict policy."""

import pytest

pytestmark = pytest.mark.browser


def test_the_docs_page_shows_every_family_and_breaks_no_rule_of_its_policy(http_site, chromium):
    page = chromium.page()
    wrong = []
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{http_site.origin}/api/docs")
    page.wait_for_selector("#operations-tag-statistics")
    shown = page.locator(".opblock-tag-section").count()
    assert shown >= 8
    assert not wrong
    assert all(url.startswith((http_site.origin, "data:", "blob:")) for url in requests)


def test_the_page_of_reason_codes_leads_to_a_code(http_site, chromium):
    page = chromium.page()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{http_site.origin}/api/errors#domain_not_allowed")
    assert "domain list" in page.locator("#domain_not_allowed").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
