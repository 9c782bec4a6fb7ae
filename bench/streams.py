"""Measures delivery to event streams: CPU a delivery at 500 streams, and losses and delay at 2,000."""

from contextlib import ExitStack

from bench import subjects
from bench.child import Child
from bench.frames import one_frame
from bench.prepared import Prepared
from bench.rounds import QUICK, interleave, ratio, show, show_values
from bench.servers import Server

DATABASE = "bench_1k"
STREAMS = 500
MANY = 2_000
RATE = 8  # events a second: 4,000 deliveries, which Channels still manages
EVENTS = 16 if QUICK else 60
ROUNDS = 2 if QUICK else 5
WEBSOCKET = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}


class Subject:
    """A server with open streams, and the process that publishes to it."""

    def __init__(self, server: Server, publisher: Child, client: Child, text: str) -> None:
        self.server, self.publisher, self.client, self.text = server, publisher, client, text
        self.lost = 0
        # The backend that writes the event belongs to whoever acts, not to the delivery.
        server.meter.without = frozenset([publisher.hello["backend"]])

    def open(self, count: int, path: str, headers: dict[str, str]) -> None:
        """Open streams and keep them."""
        self.client.ask(do="open", port=self.server.port, path=path, headers=headers, count=count)

    def publish(self, events: int = EVENTS) -> float:
        """Publish, wait for all deliveries, and return the server CPU of one delivery in microseconds."""
        self.client.ask(do="reset")

        def work() -> None:
            self.publisher.ask(count=events, rate=RATE, text=self.text)
            self.arrived = self.client.ask(do="wait", events=events, timeout=5)

        spent = self.server.meter.cost(work)
        self.lost += self.arrived["lost"] + self.arrived["wrong"]
        return spent / max(1, self.arrived["delivered"]) * 1e6


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run the rounds and return the `stream_…` ratios."""
    print(f"Event streams, {STREAMS} of one process, server CPU a delivery")
    with ExitStack() as stack:
        server = stack.enter_context(subjects.ours(prepared, DATABASE))
        found = {"ours": _subject(stack, prepared, server, "product", "bench:0:0:")}
        publisher = found["ours"].publisher
        text = one_frame(
            server, prepared.bearer(), lambda: publisher.ask(count=1, rate=RATE, text="bench:0:0:")
        )
        floor = stack.enter_context(subjects.stream_floor(prepared, DATABASE))
        found["floor"] = _subject(stack, prepared, floor, "floor", text)
        server, env = subjects.channels(prepared, DATABASE, stack)
        found["channels"] = _subject(stack, prepared, server, "channels", text, env)
        found["ours"].open(STREAMS, subjects.STREAM, prepared.bearer())
        found["floor"].open(STREAMS, "/", {})
        found["channels"].open(STREAMS, "/", WEBSOCKET)
        values = interleave({name: each.publish for name, each in found.items()}, ROUNDS)
        for name, each in found.items():
            note = f"delay {each.arrived['median_ms']:.0f} ms, p99 {each.arrived['p99_ms']:.0f} ms"
            show_values(name, values[name], f"µs; {len(text)} bytes; lost {each.lost}; {note}")
            each.client.ask(do="close")
        _many(found["ours"], prepared)
    results = {
        "stream_cpu_per_delivery_vs_floor": ratio(values["ours"], values["floor"]),
        "stream_cpu_per_delivery_vs_channels": ratio(values["ours"], values["channels"]),
    }
    for name, limit in zip(results, ("≤ 2", "≤ 0.2"), strict=True):
        show(name, results[name], f"must be {limit}")
    lost = float(found["ours"].lost)
    return results | {"stream_deliveries_lost": {"ratio": lost, "low": lost, "high": lost}}


def _subject(
    stack: ExitStack, prepared: Prepared, server: Server, kind: str, text: str, env: dict | None = None
) -> Subject:
    env = env or prepared.env(DATABASE)
    publisher = stack.enter_context(Child("bench.publishers", kind, env=env))
    return Subject(server, publisher, stack.enter_context(Child("bench.load_streams", env=env)), text)


def _many(ours: Subject, prepared: Prepared) -> None:
    """Deliver to 2,000 streams of one process and print how many were lost and how late they were."""
    ours.open(MANY, subjects.STREAM, prepared.bearer())
    for _ in range(1 if QUICK else 3):
        spent = ours.publish(events=24)
        arrived = ours.arrived
        print(
            f"  {MANY:,} streams: {arrived['delivered']:,} deliveries, lost {arrived['lost']}, "
            f"wrong {arrived['wrong']}, delay median {arrived['median_ms']:.0f} ms, "
            f"p99 {arrived['p99_ms']:.0f} ms, {spent:.1f} µs each",
            flush=True,
        )
    ours.client.ask(do="close")
