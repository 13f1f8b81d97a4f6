"""What the settings endpoints give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from shared.domain.settings import SettingsFields
from shared.http.operations import OperationView


class SettingsView(SettingsFields):
    """The client's settings."""

    created_at: Annotated[dt.datetime | None, Field(description="UTC; null while the defaults hold.")]
    updated_at: Annotated[dt.datetime | None, Field(description="UTC; null while the defaults hold.")]


class SavedSettings(SettingsView):
    """The client's settings as they were saved."""

    operation: Annotated[
        OperationView | None,
        Field(
            description="The metrics refresh that brings stored metrics and trends in line; null: none is needed. "
            "Lists apply the settings from the next request on."
        ),
    ]
