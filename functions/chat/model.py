"""What understands a question: it says which tools to call, looks at what they found, and at last answers.

A model never calls anything itself and never changes anything: a call of a writing tool becomes a plan, which whoever
asked confirms. What tools find is data of the client; a model must not take any of it for an instruction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.domain.access.principal import Role
from shared.tools.showing import ClientFacts, Link
from shared.tools.tool import Plan, Reading, ReadingTool, WritingTool


@dataclass(frozen=True)
class ToolCall:
    """A tool by its name, with arguments that it has yet to check. A look-up finds out whose name is meant."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_lookup: bool = False


@dataclass(frozen=True)
class Result:
    """What became of a call: what was read, what is planned, or a sentence that says why neither."""

    call: ToolCall
    reading: Reading | None = None
    plan: Plan | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Turn:
    """All that a model knows: the question, the user's questions before it (the oldest first), the client and the role
    of who asks, the tools, and what the calls so far have come to."""

    question: str
    history: Sequence[str]
    client: ClientFacts
    role: Role
    reading_tools: Mapping[str, ReadingTool[Any]]
    writing_tools: Mapping[str, WritingTool[Any]]
    results: Sequence[Result] = ()


@dataclass(frozen=True)
class Calls:
    """Tools to be called next."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True)
class Final:
    """The answer. Without a text it is what the last tool that is no look-up has to say."""

    text: str | None = None
    note: str = ""  # after the text
    links: tuple[Link, ...] = ()
    suggestions: tuple[str, ...] = ()
    understood: bool = True


class Model(Protocol):
    """Understands questions."""

    @property
    def name(self) -> str:
        """As answers name it."""

    def step(self, turn: Turn) -> Calls | Final:
        """What to do next. Called again with the results of its calls, until it answers."""
