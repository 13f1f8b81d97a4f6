"""What the chat understands, as a part of its page: `python -m infra.chat_document` writes it into docs/chat.md."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from functions.chat.examples import EXAMPLES
from shared.domain.chat.lexicon import Topic, phrases_of
from shared.tools.registry import READING_TOOLS, WRITING_TOOLS
from shared.tools.tool import ReadingTool

DOCUMENT = Path(__file__).parents[1] / "docs" / "chat.md"
_BEGIN, _END = "<!-- written by python -m infra.chat_document -->", "<!-- end -->"
# Ids that make an address of a tool's call, whatever it takes.
_IDS = {
    "item_id": "{item_id}",
    "order_id": "{order_id}",
    "supplier_id": "{supplier_id}",
    "campaign_id": "{campaign_id}",
    "run_id": "{run_id}",
}


def written() -> str:
    """The part: examples, tools with their endpoints, and the words of every topic."""
    return "\n".join(
        (
            _BEGIN,
            "",
            "### Questions to begin with",
            "",
            *(f"- {example}" for example in EXAMPLES),
            "",
            "### Tools",
            "",
            "| tool | what it finds out | endpoint |",
            "|---|---|---|",
            *(f"| {tool.name} | {tool.description} | `{_endpoint(tool)}` |" for tool in READING_TOOLS.values()),
            "",
            "| tool | what it proposes |",
            "|---|---|",
            *(f"| {tool.name} | {tool.description} |" for tool in WRITING_TOOLS.values()),
            "",
            "### Words",
            "",
            "| about | words |",
            "|---|---|",
            *(f"| {topic.value} | {', '.join(dict.fromkeys(phrases_of(topic)))} |" for topic in Topic),
            "",
            _END,
        )
    )


def page(text: str) -> str:
    """The page with its written part as it is now."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + written() + after


def _endpoint(tool: ReadingTool) -> str:  # type: ignore[type-arg]
    needed = {name for name, field in tool.arguments.model_fields.items() if field.is_required()}
    return "GET " + unquote(tool.call(tool.given({name: _IDS[name] for name in needed})).path)


if __name__ == "__main__":
    DOCUMENT.write_text(page(DOCUMENT.read_text()))
