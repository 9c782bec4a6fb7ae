"""Measures the workstation in a real Chromium: what its first load weighs, how late a visitor's message is on
the agent's screen beside a bare reader of the same stream, and what a long conversation holds and how it
scrolls.
"""

import json
import time
import urllib.request
from contextlib import ExitStack
from statistics import median, quantiles

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench import subjects
from bench.messages import LONG, MESSAGES, THREAD
from bench.prepared import Prepared
from bench.rounds import QUICK, ratio, show, show_values
from bench.servers import Server

DATABASE = "bench_workstation"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
LOADS = 2 if QUICK else 5
SCROLLS = 100 if QUICK else 400
ROUNDS = 2 if QUICK else 5
SENDS = 15 if QUICK else 40
GAP = 0.12  # seconds between two messages: a person types slower
MANY = 5_000
LAST = f"Message {MANY} of a long conversation"
ARRIVING = 20  # messages that come while one reads

# Notes when each marked message is painted: seen in the document, then two frames later on the screen.
WATCH = """
window.painted = {};
const now = () => performance.timeOrigin + performance.now();
new MutationObserver(() => {
  for (const [mark] of document.body.textContent.matchAll(/bench-mark-\\d+-\\d+/g)) {
    if (mark in painted) continue;
    painted[mark] = 0;
    requestAnimationFrame(() => requestAnimationFrame(() => (painted[mark] = now())));
  }
}).observe(document.body, {childList: true, subtree: true, characterData: true});"""
# Sums up what moved without the reader's doing (Layout Instability, W3C), and keeps the time between frames.
STEADY = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const {value, hadRecentInput} of list.getEntries()) if (!hadRecentInput) window.shifted += value;
}).observe({type: "layout-shift"});"""
FRAMES = """
window.frames = [];
window.counting = true;
let last = performance.now();
requestAnimationFrame(function frame(now) {
  window.frames.push(now - last);
  last = now;
  if (window.counting) requestAnimationFrame(frame);
});"""
# The floor: a page that reads the same stream and does nothing with it.
READ = """
async (bearer) => {
  window.arrived = {};
  const answer = await fetch("/api/events/stream", {headers: {Authorization: bearer}});
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  (async () => {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      const now = performance.timeOrigin + performance.now();
      for (const [mark] of value.matchAll(/bench-mark-\\d+-\\d+/g)) arrived[mark] ??= now;
    }
  })();
}"""


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run it and return `workstation_…` and `visitor_to_agent_…`."""
    _load(prepared)
    with ExitStack() as stack:
        server = stack.enter_context(subjects.ours(prepared, DATABASE))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        stack.callback(browser.close)
        address = f"http://127.0.0.1:{server.port}"
        login = f"{address}/agent/auth/login?accessToken={prepared.token}"
        results = _first_load(browser, address, login)
        results |= _visitor_to_agent(browser, prepared, server, address, login)
        return results | _long(browser, prepared, address, login)


def _load(prepared: Prepared) -> None:
    prepared.cluster.create(DATABASE, "bench_1k")
    with prepared.cluster.connect(DATABASE) as connection:
        connection.execute(THREAD, {"id": LONG, "messages": MANY})
        connection.execute(MESSAGES, {"id": LONG, "messages": MANY})
        connection.execute("UPDATE messaging_thread SET last_content = %s WHERE id = %s", [LAST, LONG])
        # No person writes so fast, and the desk would slow a visitor down who does.
        unbound = json.dumps({"messagesPerMinute": 100_000})
        connection.execute(
            "INSERT INTO settings_app_storedgroup (name, values, version) VALUES ('chat', %s, 1)",
            [unbound],
        )
        connection.execute("VACUUM (ANALYZE)")


def _first_load(browser, address: str, login: str) -> dict[str, dict[str, float]]:
    print("The workstation's first load, with an empty cache")
    weights, wires, times = [], [], []
    for _ in range(LOADS):
        context = browser.new_context()
        page = context.new_page()
        loads = Loads(context.new_cdp_session(page), address)
        started = time.monotonic()
        page.goto(login)
        page.get_by_role("radio", name="Available").wait_for()
        times.append((time.monotonic() - started) * 1000)
        page.wait_for_timeout(1500)
        weights.append(loads.bodies / 1024)
        wires.append(loads.wire / 1024)
        if loads.strangers:
            raise RuntimeError(f"The first load asks third parties: {loads.strangers}")
        context.close()
    show_values("first load", weights, "KiB of page, scripts, styles and texts, compressed as they came")
    show_values("on the wire", wires, "KiB with the data of 50 conversations and all headers of HTTP/1.1")
    show_values("interactive", times, "ms from the login link to a status switch that answers")
    found, wire, ready = (spread(each) for each in (weights, wires, times))
    show("workstation_first_load_kb", found, "must be ≤ 120")
    return {
        "workstation_first_load_kb": found,
        "workstation_first_load_wire_kb": wire,
        "workstation_interactive_ms": ready,
    }


class Loads:
    """What a page loads: bytes of bodies, without the data it asks the API for, and all bytes on the wire."""

    def __init__(self, devtools: CDPSession, address: str) -> None:
        self.bodies, self.wire, self.strangers = 0.0, 0.0, []
        self.address, self.heads = address, {}
        devtools.on("Network.responseReceived", self._head)
        devtools.on("Network.loadingFinished", self._end)
        devtools.send("Network.enable")

    def _head(self, event: dict) -> None:
        url = event["response"]["url"]
        if not url.startswith((self.address, "data:", "blob:")):
            self.strangers.append(url)
        self.heads[event["requestId"]] = (event["type"], event["response"]["encodedDataLength"])

    def _end(self, event: dict) -> None:
        kind, head = self.heads.get(event["requestId"], ("", 0))
        self.wire += event["encodedDataLength"]
        if kind not in ("Fetch", "XHR", "EventSource"):
            self.bodies += event["encodedDataLength"] - head


def spread(values: list[float]) -> dict[str, float]:
    return {name: round(of(values), 1) for name, of in (("ratio", median), ("low", min), ("high", max))}


def _visitor_to_agent(
    browser, prepared: Prepared, server: Server, address: str, login: str
) -> dict[str, dict[str, float]]:
    print("A visitor's message: from before its request to the agent's screen, and to a bare reader")
    visitor = Visitor(address)
    visitor.say("Good morning, is this the support?")
    context = browser.new_context()
    agent, floor = context.new_page(), context.new_page()
    agent.goto(login)
    agent.get_by_text("Good morning, is this the support?").first.click()
    agent.locator(".write").wait_for()
    floor.goto(f"{address}/static/agent/icon.svg")
    floor.evaluate(READ, prepared.bearer()["Authorization"])
    agent.bring_to_front()  # a page in the background is not painted
    agent.evaluate(WATCH)
    ours, bare = [], []
    for number in range(-1, ROUNDS):
        sent = {}
        for each in range(SENDS):
            mark = f"bench-mark-{number + 1}-{each}"
            sent[mark] = time.time() * 1000
            visitor.say(mark)
            time.sleep(GAP)
        agent.wait_for_function(f"Object.values(painted).filter(Boolean).length >= {SENDS * (number + 2)}")
        painted, arrived = agent.evaluate("painted"), floor.evaluate("arrived")
        if number >= 0:
            ours.append(p95([painted[mark] - at for mark, at in sent.items()]))
            bare.append(p95([arrived[mark] - at for mark, at in sent.items()]))
    context.close()
    show_values("on the agent's screen", ours, "ms p95")
    show_values("at a bare reader", bare, "ms p95")
    results = {"visitor_to_agent_p95_ms": spread(ours), "visitor_to_agent_vs_api_floor": ratio(ours, bare)}
    show("visitor_to_agent_vs_api_floor", results["visitor_to_agent_vs_api_floor"])
    return results


def post(url: str, body: dict, headers: dict[str, str]) -> dict:
    asked = urllib.request.Request(
        url, json.dumps(body).encode(), headers | {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


class Visitor:
    """Somebody who writes to the bench's agent through the API of the chat."""

    def __init__(self, address: str) -> None:
        self.address, self.number = address, 0
        self.headers: dict[str, str] = {}
        opened = self._call("open", {"t": "0", "sid": "bench", "nickname": "Ann"})
        self.headers["Authorization"] = f"Bearer {opened['credential']}"

    def say(self, text: str) -> None:
        self.number += 1
        self._call("send", {"t": "0", "sid": "bench", "content": text, "clientId": f"bench-{self.number}"})

    def _call(self, path: str, body: dict) -> dict:
        return post(f"{self.address}/api/chat/{path}", body, self.headers)


def _long(browser, prepared: Prepared, address: str, login: str) -> dict[str, dict[str, float]]:
    """Read a conversation of 5,000 messages to its beginning: what the page then holds, whether it scrolls at
    the screen's pace, and whether anything moves when messages arrive.
    """
    print(f"A conversation of {MANY:,} messages")
    context = browser.new_context()
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    page.goto(login)
    row = page.get_by_role("option").filter(has_text=LAST)
    row.wait_for()
    before = heap(devtools)
    row.click()
    page.locator(".bubble", has_text=LAST).wait_for()
    _scroll_to_the_beginning(page)
    held = heap(devtools) - before
    nodes = page.evaluate("document.getElementsByTagName('*').length")
    frames = _scroll_through(page)
    moved = _arrivals(page, prepared, address)
    context.close()
    print(f"  read to the beginning it holds {held:.1f} MiB more; {nodes:,} elements on the page")
    print(f"  scrolling: {len(frames)} frames, median {median(frames):.1f} ms, p95 {p95(frames):.1f} ms")
    print(f"  moved while {ARRIVING} messages arrived: {moved:.4f}")
    late = sum(frame > 1.5 * 1000 / 60 for frame in frames) / len(frames)
    return {
        "workstation_heap_5000_messages_mb": single(held),
        "workstation_scroll_frame_p95_ms": single(p95(frames)),
        "workstation_scroll_late_frames": single(late, 3),
        "workstation_layout_shift": single(moved, 4),
    }


def single(value: float, digits: int = 1) -> dict[str, float]:
    return dict.fromkeys(("ratio", "low", "high"), round(value, digits))


def _over_the_messages(page: Page) -> None:
    box = page.get_by_role("region", name="Messages").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def _scroll_to_the_beginning(page: Page) -> None:
    _over_the_messages(page)
    for _ in range(3_000):
        page.mouse.wheel(0, -4_000)
        page.wait_for_timeout(20)
        if page.get_by_text("Message 1 of a long conversation", exact=True).count():
            return
    raise RuntimeError("The beginning of the conversation never came.")


def _scroll_through(page: Page) -> list[float]:
    """Turn the wheel through the loaded conversation; return the ms between two frames."""
    _over_the_messages(page)
    page.evaluate(FRAMES)
    for _ in range(SCROLLS):
        page.mouse.wheel(0, 400)
    page.evaluate("window.counting = false")
    return page.evaluate("window.frames.slice(2)")


def _arrivals(page: Page, prepared: Prepared, address: str) -> float:
    """Let messages arrive while one reads in the middle and at the end; return how much moved."""
    moved = 0.0
    for place in ("the middle", "the end"):
        if place == "the end":
            page.get_by_role("region", name="Messages").evaluate("box => box.scrollTo(0, box.scrollHeight)")
        page.wait_for_timeout(700)
        page.evaluate(STEADY)
        for number in range(ARRIVING // 2):
            body = {
                "thread": LONG,
                "content": f"Arrived at {place}, {number}",
                "clientId": f"{place}-{number}",
            }
            post(f"{address}/api/messages/send", body, prepared.bearer())
        page.wait_for_timeout(1500)
        moved += page.evaluate("window.shifted")
    return moved


def heap(devtools: CDPSession) -> float:
    """Return the MiB of the page's JavaScript heap after a collection of garbage."""
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize") / 2**20
