"""Measures the authentication step against DRF TokenAuthentication, knox and simplejwt, in CPU a call."""

from contextlib import ExitStack

from bench.child import Child
from bench.prepared import Prepared
from bench.rounds import QUICK, interleave, ratio, show, show_values

CALLS = 1500 if QUICK else 3000
ROUNDS = 3 if QUICK else 9
PEERS = ("drf_token", "knox", "simplejwt")


def measure(prepared: Prepared) -> dict[str, dict[str, float]]:
    """Run the rounds and return `auth_cpu_vs_drf_token` and its siblings."""
    print("Authentication step, CPU of Python and PostgreSQL a call")
    with ExitStack() as stack:
        ours = stack.enter_context(Child("bench.product_auth", env=prepared.env("bench_1k")))
        peers = stack.enter_context(Child("bench.peers.auth", env=prepared.env("bench_1k")))
        parts: dict[str, list[dict]] = {name: [] for name in ("ours", *PEERS)}

        def call(name: str) -> float:
            found = ours.ask(count=CALLS) if name == "ours" else peers.ask(kind=name, count=CALLS)
            parts[name].append(found)
            return found["python"] + found["database"]

        values = interleave({name: lambda name=name: call(name) for name in parts}, ROUNDS)
    for name, found in values.items():
        python = sorted(part["python"] for part in parts[name])[len(parts[name]) // 2]
        show_values(name, found, f"µs, Python {python:.0f} of it")
    results = {f"auth_cpu_vs_{peer}": ratio(values["ours"], values[peer]) for peer in PEERS}
    for name, found in results.items():
        show(name, found, "must be ≤ 0.35" if name.endswith("drf_token") else "")
    return results
