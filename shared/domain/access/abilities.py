"""What a caller may do beside reading, as names that a frontend shows or hides its buttons by."""

from __future__ import annotations

from enum import StrEnum

from shared.domain.access.principal import (
    ADMINISTRATORS,
    BUYERS,
    CAMPAIGN_PLANNERS,
    DISMISSERS,
    EDITORS_OF_PRODUCTS,
    EDITORS_OF_SETTINGS,
    RUNNERS_OF_ETL,
    STARTERS_OF_FORECASTS,
    STARTERS_OF_REFRESH,
    Principal,
)


class Ability(StrEnum):
    """Something that not every role may do."""

    KEEP_USERS = "keep_users"
    KEEP_CLIENTS = "keep_clients"
    EDIT_SETTINGS = "edit_settings"
    EDIT_PRODUCTS = "edit_products"
    ORDER = "order"
    PLAN_CAMPAIGNS = "plan_campaigns"
    DISMISS_RECOMMENDATIONS = "dismiss_recommendations"
    IMPORT = "import"
    PUBLISH_FORECASTS = "publish_forecasts"
    START_REFRESHES = "start_refreshes"


_ROLES = {
    Ability.KEEP_USERS: ADMINISTRATORS,
    Ability.EDIT_SETTINGS: EDITORS_OF_SETTINGS,
    Ability.EDIT_PRODUCTS: EDITORS_OF_PRODUCTS,
    Ability.ORDER: BUYERS,
    Ability.PLAN_CAMPAIGNS: CAMPAIGN_PLANNERS,
    Ability.DISMISS_RECOMMENDATIONS: DISMISSERS,
    Ability.IMPORT: RUNNERS_OF_ETL,
    Ability.PUBLISH_FORECASTS: STARTERS_OF_FORECASTS,
    Ability.START_REFRESHES: STARTERS_OF_REFRESH,
}


def abilities_of(caller: Principal) -> list[Ability]:
    """The caller's abilities, in the order in which they are declared. The platform's people have all of them."""
    return [ability for ability in Ability if caller.platform or caller.role in _ROLES.get(ability, ())]
