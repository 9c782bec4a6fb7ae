"""Interleaved rounds (A, B, A, B …) and the ratios that come out of them, with their spread."""

import os
from collections.abc import Callable, Mapping
from statistics import median

QUICK = os.environ.get("BENCH_QUICK") == "1"


def interleave(subjects: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Measure every subject once a round, after one round to warm up, turning the order each time.

    Whatever else the machine does then falls on all subjects alike.
    """
    values: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(-1, rounds):
        names = list(subjects) if number % 2 else list(reversed(subjects))
        for name in names:
            value = subjects[name]()
            if number >= 0:
                values[name].append(value)
    return values


def ratio(above: list[float], below: list[float]) -> dict[str, float]:
    """Return `above / below` round by round as its median, lowest and highest."""
    each = [a / b for a, b in zip(above, below, strict=True)]
    return {"ratio": round(median(each), 4), "low": round(min(each), 4), "high": round(max(each), 4)}


def show(name: str, found: Mapping[str, float], note: str = "") -> None:
    """Print one ratio with its spread."""
    text = f"{found['ratio']:9.3f}  ({found['low']:.3f} … {found['high']:.3f})"
    print(f"  {name:<40}{text}  {note}", flush=True)


def show_values(name: str, values: list[float], unit: str) -> None:
    """Print one measured quantity with its spread."""
    print(f"  {name:<40}{median(values):9.1f}  ({min(values):.1f} … {max(values):.1f}) {unit}", flush=True)
