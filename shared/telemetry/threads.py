"""Threads that work for whoever submits to them: what they cost is part of that work, and so are their log lines."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Threads(ThreadPoolExecutor):
    """A pool whose every call sees the context variables of its submitter: trace, work record, catalog."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        context = copy_context()  # one for each call: a context is entered by one thread at a time
        return super().submit(lambda: context.run(fn, *args, **kwargs))
