"""All tools, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.tools import (
    advice_tools,
    campaign_tools,
    cart_tools,
    figure_tools,
    order_tools,
    partner_tools,
    planning_tools,
    product_tools,
    work_tools,
)
from shared.tools.tool import ReadingTool, WritingTool

READING_TOOLS: Mapping[str, ReadingTool[Any]] = MappingProxyType(
    {
        tool.name: tool
        for tools in (
            product_tools.TOOLS,
            planning_tools.TOOLS,
            order_tools.TOOLS,
            partner_tools.TOOLS,
            figure_tools.TOOLS,
            campaign_tools.TOOLS,
            work_tools.TOOLS,
            cart_tools.READING_TOOLS,
        )
        for tool in tools
    }
)
WRITING_TOOLS: Mapping[str, WritingTool[Any]] = MappingProxyType(
    {tool.name: tool for tools in (cart_tools.WRITING_TOOLS, advice_tools.WRITING_TOOLS) for tool in tools}
)
