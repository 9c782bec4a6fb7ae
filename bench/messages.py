"""Measures messages: what posting one costs, how late it is on the screens of 1 to 2,000 subscribers, what a
screen holds and costs when it comes back, and how a long thread opens.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

from bench import subjects
from bench.child import Child
from bench.frames import one_frame
from bench.memory import tree_bytes
from bench.prepared import Prepared
from bench.rounds import QUICK, interleave, ratio, show, show_values
from bench.servers import Server

OURS, FLOOR = "bench_messages", "bench_messages_floor"  # a database each, so that their CPU is told apart
SCREENS = (1, 50, 500, 2_000)
RATE = 8  # messages a second: 4,000 deliveries to 500 screens
EVENTS = 16 if QUICK else 48
BURST = 60 if QUICK else 150  # messages one after the other, as fast as they are answered
ROUNDS = 2 if QUICK else 7
POSTS = 300 if QUICK else 1_500
OPENINGS = 200 if QUICK else 1_000
MISSED = 50  # messages that were sent while 500 screens were away

# Conversations of the bench user's team, and two more: one of 10 messages and one of 100,000.
CONVERSATIONS = [str(UUID(int=0xC0FFEE << 64 | number)) for number in range(4)]
SHORT, LONG = (str(UUID(int=0xBEEF << 64 | number)) for number in range(2))
THREAD = """
    INSERT INTO messaging_thread (id, type, state, topic, visitor_id, agent_id, team_id, last_seq,
                                  last_content)
    SELECT %(id)s, 'WORKGROUP', 'open', '', v.id, u.id, t.id, %(messages)s, ''
    FROM (SELECT id FROM messaging_visitor LIMIT 1) v, (SELECT id FROM accounts_team LIMIT 1) t,
         (SELECT id FROM accounts_user WHERE username = 'bench') u"""
MESSAGES = """
    INSERT INTO messaging_message (id, thread_id, seq, client_id, type, visibility, content, user_id,
                                   visitor_id, created_at)
    SELECT uuidv7(), t.id, n, 'loaded-' || n, 'text', 'public', 'Message ' || n || ' of a long conversation',
           CASE WHEN n %% 2 = 0 THEN t.agent_id END, CASE WHEN n %% 2 = 1 THEN t.visitor_id END,
           now() - (%(messages)s - n) * interval '1 second'
    FROM messaging_thread t, generate_series(1, %(messages)s) n WHERE t.id = %(id)s"""


@dataclass
class Subject:
    """A server that takes messages and shows them on streams, and the clients of both."""

    server: Server
    poster: Child
    screens: Child
    post: str  # the paths
    stream: str
    headers: dict[str, str]
    lost: int = 0
    medians: list[float] = field(default_factory=list)

    def open(self, count: int, **more: Any) -> dict:
        """Open so many streams more."""
        order = {"port": self.server.port, "path": self.stream, "headers": self.headers, "count": count}
        return self.screens.ask(do="open", **(order | more))

    def send(self, count: int, *, rate: float = 0, threads: list[str] = CONVERSATIONS[:1]) -> dict:
        """Post so many messages."""
        order = {"port": self.server.port, "path": self.post, "headers": self.headers, "threads": threads}
        return self.poster.ask(count=count, rate=rate, text="bench:0:0:", **order)

    def show(self, count: int, rate: float) -> dict:
        """Post messages and return how they arrived on all open streams."""
        self.screens.ask(do="reset")
        self.send(count, rate=rate)
        arrived = self.screens.ask(do="wait", events=count, timeout=5)
        self.lost += arrived["lost"] + arrived["wrong"]
        return arrived


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run the rounds and return `fanout500_…`, `post_message_…` and `open_thread_…`."""
    for name in (OURS, FLOOR):
        _load(prepared, name)
    with ExitStack() as stack:
        ours, floor = _subjects(stack, prepared)
        found = {"ours": ours, "floor": floor}
        results = _posting(found) | _opening(stack, prepared, ours) | _fan_out(found)
        _coming_back(ours)
    return results


def _load(prepared: Prepared, name: str) -> None:
    prepared.cluster.create(name, "bench_1k")
    with prepared.cluster.connect(name) as connection:
        for thread, messages in [*((each, 1) for each in CONVERSATIONS), (SHORT, 10), (LONG, 100_000)]:
            connection.execute(THREAD, {"id": thread, "messages": messages})
            connection.execute(MESSAGES, {"id": thread, "messages": messages})
        connection.execute("VACUUM (ANALYZE)")


def _subjects(stack: ExitStack, prepared: Prepared) -> tuple[Subject, Subject]:
    def clients(database: str) -> tuple[Child, Child]:
        env = prepared.env(database)
        poster, screens = (Child(f"bench.load_{kind}", env=env) for kind in ("posts", "streams"))
        return stack.enter_context(poster), stack.enter_context(screens)

    server = stack.enter_context(subjects.ours(prepared, OURS))
    ours = Subject(server, *clients(OURS), "/api/messages/send", subjects.STREAM, prepared.bearer())
    frame = prepared.folder / "frame"
    frame.write_text(one_frame(server, prepared.bearer(), lambda: ours.send(1)))
    server = stack.enter_context(subjects.message_floor(prepared, FLOOR, str(frame)))
    return ours, Subject(server, *clients(FLOOR), "/", "/", {})


def _posting(found: dict[str, Subject]) -> dict[str, dict[str, float]]:
    print("Posting a message, server CPU each (process tree and PostgreSQL backends)")

    def cost(each: Subject) -> float:
        return each.server.meter.cost(lambda: each.send(POSTS, threads=CONVERSATIONS)) / POSTS * 1e6

    values = interleave({name: lambda each=each: cost(each) for name, each in found.items()}, ROUNDS)
    for name in found:
        show_values(name, values[name], "µs")
    results = {"post_message_cpu_vs_insert": ratio(values["ours"], values["floor"])}
    show("post_message_cpu_vs_insert", results["post_message_cpu_vs_insert"])
    return results


def _opening(stack: ExitStack, prepared: Prepared, ours: Subject) -> dict[str, dict[str, float]]:
    print("Opening a thread: the thread and its newest messages, server CPU")
    client = stack.enter_context(Child("bench.load_http", env=prepared.env(OURS)))

    def cost(thread: str, limit: int) -> float:
        newest = f"/api/messages/list?thread={thread}&ordering=-seq&limit={limit}"
        order = {"port": ours.server.port, "headers": prepared.bearer(), "connections": 2}

        def work() -> None:
            for path in (f"/api/threads/{thread}", newest):
                client.ask(path=path, count=OPENINGS, **order)

        return ours.server.meter.cost(work) / OPENINGS * 1e6

    # As many rows from both: what grows with the thread is asked for, not what grows with the page.
    named = {"of 10": (SHORT, 10), "of 100,000": (LONG, 10), "of 100,000, a page of 50": (LONG, 50)}
    values = interleave({name: lambda given=given: cost(*given) for name, given in named.items()}, ROUNDS)
    for name in named:
        show_values(name, values[name], "µs")
    results = {"open_thread_growth_10_to_100k": ratio(values["of 100,000"], values["of 10"])}
    show("open_thread_growth_10_to_100k", results["open_thread_growth_10_to_100k"], "must be ≤ 1.25")
    return results


def _fan_out(found: dict[str, Subject]) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    held = dict.fromkeys(found, 0)
    before = 0
    for screens in SCREENS:
        print(f"A message posted, on {screens:,} screens: from before the request to the last byte read")
        for name, each in found.items():
            each.open(screens - before)
            if screens == SCREENS[0]:
                held[name] = tree_bytes(each.server.process.pid)
        before = screens
        values = interleave({name: partial(_late, each, screens) for name, each in found.items()}, ROUNDS)
        for name, each in found.items():
            note = f"ms p99; median {median(each.medians[-ROUNDS:]):.1f} ms; lost {each.lost}"
            show_values(name, values[name], note)
        compared = ratio(values["ours"], values["floor"])
        show(f"fanout{screens}_p99_vs_floor", compared, "must be ≤ 2" if screens == 500 else "")
        if screens == 500:
            results = {"fanout500_p99_vs_floor": compared} | _throughput(found)
    for name, each in found.items():
        more = tree_bytes(each.server.process.pid) - held[name]
        print(f"  {name}: {more / (SCREENS[-1] - SCREENS[0]) / 1024:.1f} KiB of memory a stream (PSS)")
        each.screens.ask(do="close")
    return results


def _late(each: Subject, screens: int) -> float:
    arrived = each.show(EVENTS, rate=RATE if screens <= 500 else RATE / 4)
    each.medians.append(arrived["median_ms"])
    return arrived["p99_ms"]


def _throughput(found: dict[str, Subject]) -> dict[str, dict[str, float]]:
    def a_second(each: Subject) -> float:
        arrived = each.show(BURST, rate=0)
        return arrived["delivered"] / arrived["seconds"]

    values = interleave({name: lambda each=each: a_second(each) for name, each in found.items()}, ROUNDS)
    for name, each in found.items():
        show_values(name, values[name], f"deliveries a second, posted one after the other; lost {each.lost}")
    ours = values["ours"]
    return {
        "fanout500_deliveries_per_s": {
            "ratio": round(median(ours)),
            "low": round(min(ours)),
            "high": round(max(ours)),
        }
    }


def _coming_back(ours: Subject) -> None:
    """Print what it costs when 500 screens come back at once and have missed something."""
    for _ in range(1 if QUICK else 3):
        frame = one_frame(ours.server, ours.headers, lambda: ours.send(1))
        headers = ours.headers | {"Last-Event-ID": frame.partition("\n")[0].removeprefix("id: ")}
        ours.send(MISSED)
        ours.screens.ask(do="reset")
        answers: list[dict] = []

        def come(headers: dict = headers, answers: list[dict] = answers) -> None:
            answers.append(ours.open(500, at_once=500, headers=headers))
            answers.append(ours.screens.ask(do="wait", events=MISSED, timeout=10))

        spent = ours.server.meter.cost(come)
        ours.screens.ask(do="close")
        opened, arrived = answers
        print(
            f"  500 screens come back at once, {MISSED} messages behind: {spent * 2:.2f} ms CPU each, "
            f"open in {opened['seconds']:.1f} s, lost {arrived['lost']}, wrong {arrived['wrong']}",
            flush=True,
        )
