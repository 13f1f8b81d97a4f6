"""What every component of the local stack can do: start, tell where it is, stop, be killed and started again."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local.stack.process import ComponentError, Process, accepts

# For the gateway alone.
SIGNING_KEYS, PEPPERS = "STOCKCAST_JWT_KEYS", "STOCKCAST_PASSWORD_PEPPERS"


class Component(ABC):
    """One that we start. `env` is what its clients need; it is fixed before the start, so it survives restarts."""

    name: str
    start_timeout_s = 60.0
    stop_timeout_s = 10.0

    def __init__(self, log: Path, env: Mapping[str, str]) -> None:
        self._log = log
        self._child_env = env
        self._process: Process | None = None

    @property
    @abstractmethod
    def env(self) -> dict[str, str]:
        """Environment variables by which a client finds this component."""

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """The command line; raises ComponentError when a prerequisite is missing."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether it answers."""

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def died(self) -> bool:
        """Whether it was started, not stopped, and is gone all the same."""
        return self._process is not None and self._process.pid is not None and not self._process.alive

    def start(self) -> None:
        """Start it and return when it answers; raises ComponentError."""
        inherited = {name: value for name, value in os.environ.items() if name not in (SIGNING_KEYS, PEPPERS)}
        again = self._process is not None  # what it said before it was killed stays in the log
        env = {**inherited, **self._child_env}
        self._process = Process(self.name, self._command(), env, self._log, append=again)
        self._process.start(self._ready, self.start_timeout_s)

    def stop(self) -> None:
        """Stop it in an orderly way, and everything that it started."""
        if self._process is not None:
            self._process.stop(self.stop_timeout_s)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()

    def report(self, what: str) -> str:
        """`what` happened to it, with the end of its log."""
        return what if self._process is None else self._process.report(what)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


class External(Component):
    """A component that someone else runs, found in the environment: used, never stopped."""

    def __init__(self, name: str, env: Mapping[str, str]) -> None:
        super().__init__(Path(os.devnull), {})
        self.name = name
        self._env = dict(env)

    @property
    def env(self) -> dict[str, str]:
        return self._env

    def start(self) -> None:
        for variable, address in self._env.items():
            host, _, port = address.removeprefix("http://").rpartition(":")
            if not port.isdigit() or not accepts(int(port), host.strip("[]")):
                raise ComponentError(
                    f"{variable}={address} is set, but nothing answers there: start it or unset {variable}"
                )

    def _command(self) -> Sequence[str]:
        raise ComponentError(f"the {self.name} is not ours to start")

    def _ready(self) -> bool:
        return True
