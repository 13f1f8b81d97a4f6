"""What a tool is: a name and a description for a model, typed arguments, and the endpoint that it stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, ValidationError

from shared.domain.access.abilities import Ability
from shared.tools.call import ApiCall
from shared.tools.platform import CallFailed, Platform
from shared.tools.showing import ClientFacts, Figure, Link, Shown, Table

MAX_ROWS = 200  # of a page; what a tool is asked for beyond it is refused
Limit = Annotated[int, Field(ge=1, le=MAX_ROWS, description="At most so many rows; the total is told in any case.")]


class Arguments(BaseModel, extra="forbid", frozen=True, allow_inf_nan=False):
    """Base of the arguments of all tools: one that is unknown is refused."""


class ArgumentsInvalid(CallFailed):
    """A tool was called with arguments that it does not take."""


Given = TypeVar("Given", bound=Arguments)


@dataclass(frozen=True)
class Tool(Generic[Given]):
    """What every tool declares. `description` is for a model and for people alike."""

    name: str
    description: str
    arguments: type[Given]

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        return self.arguments.model_json_schema()

    def given(self, arguments: Mapping[str, Any]) -> Given:
        """The arguments, checked; raises ArgumentsInvalid."""
        try:
            return self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
            raise ArgumentsInvalid(f"{self.name} does not take that: {wrong}") from None


@dataclass(frozen=True)
class ReadingTool(Tool[Given]):
    """Reads by one call, and shows what was answered."""

    call: Callable[[Given], ApiCall]
    show: Callable[[Given, Any, ClientFacts], Shown]

    def read(self, arguments: Mapping[str, Any], platform: Platform, client: ClientFacts) -> Reading:
        """What the platform answers; raises CallFailed."""
        given = self.given(arguments)
        content = platform.send(self.call(given))
        return Reading(self.name, content, self.show(given, content, client))


@dataclass(frozen=True)
class Reading:
    """What a reading tool found: as the endpoint answered, and for people."""

    tool: str
    content: Any
    shown: Shown


@dataclass(frozen=True)
class Plan:
    """What would be done, once it is confirmed: the calls, in this order, and what they come to."""

    summary: str
    calls: tuple[ApiCall, ...]
    done: str  # what is said of it afterwards, where no answer says more
    figures: tuple[Figure, ...] = ()
    table: Table | None = None
    links: tuple[Link, ...] = ()
    exact: tuple[str, ...] = ()  # what must still be so when it is carried out: lines with their quantities, say

    @property
    def digest(self) -> str:
        """The same for plans that do the same to the same things."""
        calls = [[call.method, call.address, call.body] for call in self.calls]
        return hashlib.sha256(json.dumps([calls, self.exact], default=str).encode()).hexdigest()


class NothingToDo(CallFailed):
    """There is nothing that the tool could do now: the cart is empty, say."""


@dataclass(frozen=True)
class WritingTool(Tool[Given]):
    """Plans calls that change something; `preview` is what it looks at first, by one call."""

    ability: Ability  # without it the endpoints refuse
    preview: Callable[[Given], ApiCall]
    plan: Callable[[Given, Any, ClientFacts], Plan]
    # What its calls were answered with, for people; None: what the plan says of it.
    outcome: Callable[[Plan, Sequence[Any], ClientFacts], Shown] | None = None

    def planned(self, arguments: Mapping[str, Any], platform: Platform, client: ClientFacts) -> Plan:
        """What would be done; raises CallFailed, and NothingToDo among them."""
        given = self.given(arguments)
        return self.plan(given, platform.send(self.preview(given)), client)
