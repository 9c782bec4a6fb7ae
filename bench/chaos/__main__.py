"""Runs it, prints what happened, and ends with 1 when anything was wrong."""

import argparse
import asyncio
import atexit
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.chaos.run import Plan, Run
from bench.chaos.world import World


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    asked.add_argument("--sends", type=int, default=5_000)
    asked.add_argument("--visitors", type=int, default=30)
    asked.add_argument("--kill-seconds", type=float, default=20, help="between two kills of the desk")
    asked.add_argument("--minutes", type=float, default=60, help="after which nobody begins another message")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    # Stopped, it stops desk and database too: asyncio makes an orderly end of an interrupt.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    folder = Path(tempfile.mkdtemp(prefix="inlay-chaos-"))
    folder.chmod(0o755)  # as root, the embedded server runs as a user of its own
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    plan = Plan(
        given.sends,
        given.visitors,
        kill_seconds=given.kill_seconds,
        most_seconds=given.minutes * 60,
        seed=given.seed,
    )
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:7.1f} s  {text}", flush=True)

    world = World(folder)
    world.start()
    try:
        outcome = asyncio.run(Run(world, plan, say).go())
    finally:
        world.stop()
    say(
        f"{outcome.sends:,} messages acknowledged in {outcome.tries:,} tries, {outcome.stored:,} stored; "
        f"the desk was killed {outcome.kills} times, PostgreSQL {outcome.crashes}; "
        f"readers came back {outcome.reopened:,} times; "
        f"{outcome.out_of_turn:,} messages reached a screen out of turn"
    )
    say(
        "what the proxy did: " + ", ".join(f"{name} {count:,}" for name, count in outcome.fates.most_common())
    )
    if errors := world.unforeseen():
        outcome.wrong.append(f"{errors} unforeseen errors were logged")
    for each in outcome.wrong[:30]:
        say(f"WRONG: {each}")
    say(f"{len(outcome.wrong)} things were wrong")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
