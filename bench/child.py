"""A child process that takes orders: one JSON object a line in, one JSON object a line out."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent


class Child:
    """A Python module run as a child process, asked one thing at a time."""

    def __init__(self, module: str, *arguments: str, env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.module = module
        self.hello = self._read()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Send an order and return the answer; raises RuntimeError when the child died or failed."""
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        while line := self.process.stdout.readline():
            if line.startswith("{"):
                answer = json.loads(line)
                if "error" in answer:
                    raise RuntimeError(f"{self.module}: {answer['error']}")
                return answer
        raise RuntimeError(f"{self.module} ended with {self.process.wait()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answer(hello: Mapping[str, Any], handle: Callable[[dict[str, Any]], Mapping[str, Any]]) -> None:
    """The child's side: say hello, then handle order after order until the parent closes the pipe."""
    print(json.dumps(hello), flush=True)
    for line in sys.stdin:
        try:
            reply = handle(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the parent must hear of it, whatever it is
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
