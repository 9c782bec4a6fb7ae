"""Measures the list of 50 tickets at three sizes: ours, the floor and tuned DRF, in server CPU a request."""

from collections.abc import Callable
from contextlib import ExitStack

from bench import subjects
from bench.child import Child
from bench.prepared import SIZES, Prepared
from bench.rounds import QUICK, interleave, ratio, show, show_values
from bench.servers import Server

CONNECTIONS = 4
ROUNDS = 2 if QUICK else 7
OURS = 600 if QUICK else 1500
DRF = {"bench_1k": 75, "bench_100k": 40, "bench_1m": 12 if QUICK else 24}  # seconds of CPU each


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run the rounds and return the `list50_…` ratios."""
    print("List of 50 tickets, server CPU a request (process tree and PostgreSQL backends)")
    with ExitStack() as stack:
        client = stack.enter_context(Child("bench.load_http", env=prepared.env("bench_1m")))
        costs: dict[str, Callable[[], float]] = {}

        def add(name: str, server: Server, headers: dict[str, str], count: int) -> None:
            stack.enter_context(server)
            costs[name] = lambda: _cost(server, client, headers, count)

        for database in SIZES:
            add(f"ours {database}", subjects.ours(prepared, database), prepared.bearer(), OURS)
            add(f"drf {database}", subjects.drf(prepared, database), prepared.drf_header(), DRF[database])
        add("floor bench_1m", subjects.list_floor(prepared, "bench_1m"), {}, OURS)
        values = interleave(costs, ROUNDS)
    for name, found in values.items():
        show_values(name.replace("bench_", "at "), found, "µs")
    results = {
        "list50_cpu_vs_floor": ratio(values["ours bench_1m"], values["floor bench_1m"]),
        "list50_speedup_vs_drf": ratio(values["drf bench_1m"], values["ours bench_1m"]),
        "list50_speedup_vs_drf_100k": ratio(values["drf bench_100k"], values["ours bench_100k"]),
        "list50_speedup_vs_drf_1k": ratio(values["drf bench_1k"], values["ours bench_1k"]),
        "list50_growth_1k_to_1m": ratio(values["ours bench_1m"], values["ours bench_1k"]),
    }
    limits = {
        "list50_cpu_vs_floor": "≤ 2",
        "list50_speedup_vs_drf": "≥ 15",
        "list50_growth_1k_to_1m": "≤ 1.25",
    }
    for name, found in results.items():
        show(name, found, f"must be {limits[name]}" if name in limits else "")
    return results


def _cost(server: Server, client: Child, headers: dict[str, str], count: int) -> float:
    """Return the server CPU of one request in microseconds, from `count` requests."""
    order = {"port": server.port, "path": subjects.LIST, "headers": headers, "connections": CONNECTIONS}
    return server.meter.cost(lambda: client.ask(count=count, **order)) / count * 1e6
