"""Measures requests per second of the list in both serving modes, one worker process each."""

from contextlib import ExitStack

from bench import subjects
from bench.child import Child
from bench.prepared import Prepared
from bench.rounds import QUICK, interleave, ratio, show, show_values

CONNECTIONS = 16
COUNT = 500 if QUICK else 2500
ROUNDS = 2 if QUICK else 5


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run the rounds and return `rps_serve_vs_wsgi`."""
    print("Requests per second of the list of 50 out of 1,000,000, one worker process")
    with ExitStack() as stack:
        client = stack.enter_context(Child("bench.load_http", env=prepared.env("bench_1m")))
        servers = {
            "manage.py serve": stack.enter_context(subjects.ours(prepared, "bench_1m")),
            "granian wsgi": stack.enter_context(subjects.ours_wsgi(prepared, "bench_1m")),
        }

        def rps(name: str) -> float:
            order = {"port": servers[name].port, "path": subjects.LIST, "headers": prepared.bearer()}
            return client.ask(count=COUNT, connections=CONNECTIONS, **order)["rps"]

        values = interleave({name: lambda name=name: rps(name) for name in servers}, ROUNDS)
    for name, found in values.items():
        show_values(name, found, "requests a second")
    results = {"rps_serve_vs_wsgi": ratio(values["manage.py serve"], values["granian wsgi"])}
    show("rps_serve_vs_wsgi", results["rps_serve_vs_wsgi"])
    return results
