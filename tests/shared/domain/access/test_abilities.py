"""What callers may do beside reading."""

from __future__ import annotations

from shared.domain.access.abilities import Ability, abilities_of
from shared.domain.access.principal import Principal, Role


def test_abilities_follow_the_role() -> None:
    assert abilities_of(Principal("u", "c", Role.VIEWER)) == []
    assert abilities_of(Principal("u", "c", Role.MARKETING)) == [
        Ability.PLAN_CAMPAIGNS,
        Ability.DISMISS_RECOMMENDATIONS,
    ]
    assert set(Ability) - set(abilities_of(Principal("u", "c", Role.ADMIN))) == {Ability.KEEP_CLIENTS}


def test_the_platform_may_do_everything() -> None:
    assert abilities_of(Principal("u", "platform", Role.VIEWER, platform=True)) == list(Ability)
