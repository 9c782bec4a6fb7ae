"""The login handoff in a real Chromium: two registrable domains, https and http, cookies kept and blocked."""

import pytest
from playwright.sync_api import Frame, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from events.models import Event
from tests import factories
from tests.browser.conftest import COOKIES, Chromium, Site
from tokens.models import AccessToken, HandoffSession

pytestmark = pytest.mark.browser
ASK = """async () => {
  const { openSession } = await import("/static/handoff/session.js");
  window.opened ??= await openSession().catch((error) => ({ code: error.code }));
  if (window.opened.code) return { code: window.opened.code };
  const profile = await window.opened.fetch("/api/user/profile");
  const { mode, embedder, surface, parentOrigins } = window.opened;
  return { mode, embedder, surface, parentOrigins, username: (await profile.json()).username };
}"""


def frame_of(page: Page, path: str = "/agent/") -> Frame:
    """Return the desk's frame once it has landed."""
    page.wait_for_selector("iframe")
    for _ in range(150):
        for frame in page.frames:
            if path in frame.url and "auth/login" not in frame.url:
                frame.wait_for_load_state()
                return frame
        page.wait_for_timeout(50)
    raise AssertionError([frame.url for frame in page.frames])


def signed_in_as(frame: Frame | Page, username: str) -> bool:
    """Whether the workstation shows this user; it opened its session by itself, by cookie or by bearer."""
    try:
        frame.wait_for_function("name => document.body.innerHTML.includes(name)", arg=username)
    except PlaywrightTimeout:
        raise AssertionError(f"{frame.url} shows: {frame.inner_text('body')}") from None
    return "hs=" not in frame.url and "accessToken" not in frame.url


def ways(login: str) -> dict[str, str]:
    url, token = login.split("?accessToken=")
    return {
        "link": f'<a id=go href="{login}">open</a>',
        "blank link": f'<a id=go href="{login}" target="_blank">open</a>',
        "window.open": f"<button id=go onclick=\"window.open('{login}', '_blank')\">open</button>",
        "form": f'<form action="{url}" method="GET"><input type="hidden" name="accessToken" value="{token}">'
        "<button id=go>open</button></form>",
        "post form": f'<form action="{url}" method="POST">'
        f'<input type="hidden" name="accessToken" value="{token}"><button id=go>open</button></form>',
    }


@pytest.mark.parametrize("cookies", ["allowed", "third-party-blocked"])
def test_every_way_of_the_token_page_opens_the_workstation_in_a_window(
    site: Site, chromium: Chromium, cookies: str
) -> None:
    user = factories.agent(nickname="Mei Lin")
    login = site.login(factories.token(user, entries=[site.partner.origin()]))
    context = chromium.context(cookies)
    for name, html in ways(login).items():
        page = context.new_page()
        page.goto(site.partner.page(html))
        if name in ("blank link", "window.open"):
            with context.expect_page() as popup:
                page.click("#go")
            page = popup.value
        else:
            page.click("#go")
        page.wait_for_url("**/agent/?h=*")
        assert signed_in_as(page, "Mei Lin"), name
    names = [each["name"] for each in context.cookies()]
    assert names == ["__Host-desk_session" if site.desk.scheme == "https" else "desk_session"]


@pytest.mark.parametrize("cookies", list(COOKIES))
@pytest.mark.parametrize("listed", [True, False], ids=["domain list", "any site"])
def test_a_foreign_page_frames_the_workstation(
    site: Site, chromium: Chromium, cookies: str, listed: bool
) -> None:
    user = factories.agent(nickname="Mei Lin")
    token = factories.token(user, entries=[site.partner.origin()] if listed else [])
    page = chromium.page(cookies)
    page.goto(site.partner.page(f'<iframe src="{site.login(token)}" width=900 height=600></iframe>'))
    frame = frame_of(page)
    assert signed_in_as(frame, "Mei Lin")
    kept = [each["name"] for each in page.context.cookies()]
    partitioned = site.desk.scheme == "https" and cookies != "all-blocked"
    assert kept == (["__Host-desk_frame"] if partitioned else [])
    assert HandoffSession.objects.get().embedder == site.partner.origin()
    assert Event.objects.filter(type="token.claim_ok").exists() is not partitioned


def test_the_browser_of_these_tests_really_blocks_foreign_cookies(
    https_site: Site, chromium: Chromium
) -> None:
    """A control: an unpartitioned cookie of a frame is kept when allowed, and lost when blocked."""
    inner = https_site.partner.page(
        "framed", host="evil.example", Set_Cookie="plain=1; Secure; SameSite=None; Path=/"
    )
    outer = https_site.partner.page(f'<iframe src="{inner}"></iframe>')
    for cookies, expected in (("allowed", ["plain"]), ("third-party-blocked", []), ("all-blocked", [])):
        page = chromium.page(cookies)
        page.goto(outer, wait_until="networkidle")
        assert [each["name"] for each in page.context.cookies()] == expected, cookies


def test_a_page_of_the_same_site_frames_the_workstation(site: Site, chromium: Chromium) -> None:
    user = factories.agent(nickname="Mei Lin")
    token = factories.token(user)
    host = "app.desk.test"
    page = chromium.page()
    page.goto(site.partner.page(f'<iframe src="{site.login(token)}"></iframe>', host=host))
    assert signed_in_as(frame_of(page), "Mei Lin")
    assert [each["name"] for each in page.context.cookies()] != ["__Host-desk_frame"]


@pytest.mark.parametrize("policy", ["no-referrer", "origin", "unsafe-url"])
def test_a_frame_on_a_page_that_hides_its_referrer_works(site: Site, chromium: Chromium, policy: str) -> None:
    """Case 7.4: no-referrer pages; frame-ancestors decides where no Referer is sent."""
    user = factories.agent(nickname="Mei Lin")
    token = factories.token(user, entries=[site.partner.origin()])
    html = f'<iframe src="{site.login(token)}"></iframe>'
    page = chromium.page()
    page.goto(site.partner.page(html, Referrer_Policy=policy))
    if policy == "no-referrer" and site.desk.scheme == "http":
        # Over plain http a browser does not even say that this is a frame: section 3, "or no Sec-Fetch".
        assert "referrer_missing" in page.frames[1].inner_text("body")
        return
    assert signed_in_as(frame_of(page), "Mei Lin")


def test_a_foreign_frame_of_a_partners_token_shows_nothing(site: Site, chromium: Chromium) -> None:
    """Case 7.4: evil frame of a partner session, with a Referer and without."""
    user = factories.agent(nickname="Mei Lin")
    token = factories.token(user, entries=[site.partner.origin()])
    page = chromium.page()
    html = f'<iframe src="{site.login(token)}"></iframe>'
    page.goto(site.partner.page(html, host="evil.example"), wait_until="networkidle")
    assert "domain_not_allowed" in page.frames[1].inner_text("body")
    page.goto(site.partner.page(html, host="evil.example", Referrer_Policy="no-referrer"))
    page.wait_for_timeout(1500)
    if site.desk.scheme == "https":
        assert page.frames[1].url.startswith("chrome-error://")
    else:
        assert "referrer_missing" in page.frames[1].inner_text("body")


def test_evil_around_partner_around_the_desk_shows_nothing(site: Site, chromium: Chromium) -> None:
    """Case 7.4: evil > partner > desk; every ancestor has to be allowed."""
    token = factories.token(entries=[site.partner.origin()])
    partner = site.partner.page(f'<iframe src="{site.login(token)}"></iframe>')
    page = chromium.page()
    page.goto(site.partner.page(f'<iframe src="{partner}"></iframe>', host="evil.example"))
    page.wait_for_timeout(1500)
    assert [frame.url.partition(":")[0] for frame in page.frames][-1] == "chrome-error"


def test_a_refusal_in_a_frame_tells_its_parent_why(site: Site, chromium: Chromium) -> None:
    """Section 5: `embed_error` with the reason code, to the exact origin; the token leaves the address."""
    token = factories.token(entries=["https://elsewhere.example"])
    page = chromium.page()
    script = (
        "<script>window.told = []; addEventListener('message', e => told.push([e.origin, e.data]))</script>"
    )
    page.goto(site.partner.page(f'{script}<iframe src="{site.login(token)}"></iframe>'))
    page.wait_for_function("() => window.told.length")
    origin, message = page.evaluate("told[0]")
    assert origin == site.origin and message["type"] == "embed_error"
    assert message["data"]["code"] == "domain_not_allowed" and message["source"] == "bytedesk-desktop"
    assert "accessToken" not in page.frames[1].url
    assert site.partner.origin() in page.frames[1].inner_text("body")


def test_images_scripts_fetches_and_prefetches_sign_nobody_in(https_site: Site, chromium: Chromium) -> None:
    """Case 7.4: img, script, object, fetch, prefetch, prerender login."""
    login = https_site.login(factories.token())
    page = chromium.page()
    rules = f'{{"prerender": [{{"urls": ["{login}"]}}], "prefetch": [{{"urls": ["{login}"]}}]}}'
    page.goto(
        https_site.partner.page(
            f'<img src="{login}"><script src="{login}"></script><object data="{login}"></object>'
            f'<embed src="{login}"><link rel="prefetch" href="{login}"><link rel="stylesheet" href="{login}">'
            f'<script type="speculationrules">{rules}</script>'
            f'<script>fetch("{login}", {{mode: "no-cors", credentials: "include"}})</script>'
        )
    )
    page.wait_for_timeout(1500)
    assert not HandoffSession.objects.exists() and not page.context.cookies()


def test_a_disabled_token_ends_the_framed_session(site: Site, chromium: Chromium) -> None:
    """Section 4: the session ends with its token; a reload says so."""
    user = factories.agent(nickname="Mei Lin")
    token = factories.token(user, entries=[site.partner.origin()])
    page = chromium.page()
    page.goto(site.partner.page(f'<iframe src="{site.login(token)}"></iframe>'))
    frame = frame_of(page)
    assert signed_in_as(frame, "Mei Lin")
    AccessToken.objects.update(state="disabled")
    status = frame.evaluate("fetch('/auth/handoff/session' + location.search).then(r => r.status)")
    assert status == 401
    frame.evaluate("location.reload()")
    frame.wait_for_function("() => document.body.innerText.includes('token_disabled')")


def test_going_back_does_not_sign_in_again_with_a_stored_page(https_site: Site, chromium: Chromium) -> None:
    """Case 7.4: cached handoff (Back, bfcache); a used one-time token stays used."""
    from tokens.services import issue_one_time, issue_token

    parent = issue_token(user=factories.agent(nickname="Mei Lin"))
    once = issue_one_time(parent=parent.row, surface="agent").text
    page = chromium.page()
    page.goto(https_site.partner.page(f'<a id=go href="{https_site.login(once)}">open</a>'))
    page.click("#go")
    page.wait_for_url("**/agent/?h=*")
    assert signed_in_as(page, "Mei Lin")
    page.go_back()
    assert "partner.example" in page.url
    page.go_forward()
    assert signed_in_as(page, "Mei Lin")
    assert HandoffSession.objects.count() == 1


def test_a_foreign_link_asks_who_is_signed_in(site: Site, chromium: Chromium) -> None:
    """Case 7.4: login CSRF over a live session; the person decides."""
    mine, other = factories.agent(nickname="Mei Lin"), factories.agent(nickname="Kofi Mensah")
    page = chromium.page()
    page.goto(site.partner.page(f'<a id=go href="{site.login(factories.token(mine))}">open</a>'))
    page.click("#go")
    page.wait_for_url("**/agent/?h=*")
    page.goto(site.partner.page(f'<a id=go href="{site.login(factories.token(other))}">open</a>'))
    page.click("#go")
    page.wait_for_url("**/auth/handoff/switch*")
    assert "Mei Lin" in page.inner_text("main") and "hs=" not in page.url
    page.click("button")
    page.wait_for_url("**/agent/?h=*")
    assert signed_in_as(page, "Kofi Mensah")


@pytest.mark.parametrize("cookies", list(COOKIES))
def test_the_admin_in_a_frame_works_or_offers_a_tab(site: Site, chromium: Chromium, cookies: str) -> None:
    admin = factories.admin(nickname="Ada")
    token = factories.token(admin, entries=[site.partner.origin()])
    context = chromium.context(cookies)
    page = context.new_page()
    page.goto(site.partner.page(f'<iframe src="{site.login(token, "admin")}" width=900 height=600></iframe>'))
    frame = frame_of(page, "/admin/")
    if site.desk.scheme == "https" and cookies != "all-blocked":
        frame.wait_for_url("**/admin/**")
        frame.wait_for_selector("#content, #main, main")
        assert "h=" not in frame.url and "Open in a new tab" not in frame.inner_text("body")
        return
    frame.wait_for_selector("#open button")
    assert "hs=" not in frame.url
    with context.expect_page() as popup:
        frame.click("#open button")
    tab = popup.value
    tab.wait_for_load_state()
    if cookies == "all-blocked":
        assert "keeps no cookies for this site" in tab.inner_text("main")
    else:
        tab.wait_for_url("**/admin/**")
        assert "h=" not in tab.url and "Open in a new tab" not in tab.inner_text("body")


def test_the_admin_link_opens_the_admin_in_a_window(site: Site, chromium: Chromium) -> None:
    token = factories.token(factories.admin(), entries=[site.partner.origin()])
    page = chromium.page()
    page.goto(site.partner.page(f'<a id=go href="{site.login(token, "admin")}">open</a>'))
    page.click("#go")
    page.wait_for_url("**/admin/**")
    page.wait_for_load_state()
    assert "hs=" not in page.url and "h=" not in page.url


def test_a_script_of_the_page_gets_the_session_in_either_mode(site: Site, chromium: Chromium) -> None:
    user = factories.agent()
    token = factories.token(user, entries=[site.partner.origin()])
    for cookies in ("allowed", "all-blocked"):
        page = chromium.page(cookies)
        page.route("**/static/agent/**", lambda route: route.abort())  # leave the code to the test
        page.goto(site.partner.page(f'<iframe src="{site.login(token)}"></iframe>'))
        found = frame_of(page).evaluate(ASK)
        kept = site.desk.scheme == "https" and cookies == "allowed"
        assert found == {
            "mode": "cookie" if kept else "tab",
            "embedder": site.partner.origin(),
            "parentOrigins": [site.partner.origin()],
            "surface": "agent",
            "username": user.username,
        }


def test_a_sandboxed_frame_works_or_says_what_its_sandbox_needs(https_site: Site, chromium: Chromium) -> None:
    """Case 7.4: sandboxed frame."""
    user = factories.agent(nickname="Mei Lin")
    login = https_site.login(factories.token(user, entries=[https_site.partner.origin()]))
    page = chromium.page()
    allowed = "allow-scripts allow-same-origin allow-forms allow-popups"
    page.goto(https_site.partner.page(f'<iframe sandbox="{allowed}" src="{login}"></iframe>'))
    assert signed_in_as(frame_of(page), "Mei Lin")
    page.goto(https_site.partner.page(f'<iframe sandbox="allow-scripts" src="{login}"></iframe>'))
    frame = frame_of(page)
    frame.wait_for_function("() => document.body.innerText.includes('domain_not_allowed')")
    assert "Mei Lin" not in frame.inner_text("body")
