"""Campaigns as records of the catalog's side table, which holds those that run or are planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from shared.domain.campaigns.campaign import Campaign, CampaignStatus, GivenStatus, status_on


def campaign_record(campaign: Campaign) -> dict[str, Any]:
    """The record of a campaign."""
    given = campaign.given_status
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "campaign_type": campaign.campaign_type,
        "start_date": campaign.start_date,
        "end_date": campaign.end_date,
        "given_status": given and given.status.value,
        "given_on": given and given.day,
        "item_ids": list(campaign.item_ids),
    }


def status_of_record(record: Mapping[str, Any], today: dt.date) -> CampaignStatus:
    """The status on that day of the campaign that the record is of."""
    given = record["given_status"] and GivenStatus(CampaignStatus(record["given_status"]), record["given_on"])
    return status_on(record["start_date"], record["end_date"], today, given)


def not_ended(records: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """The records of the campaigns that run on that day or are planned then."""
    live = [status_of_record(record, today) is not CampaignStatus.ENDED for record in records.iter_rows(named=True)]
    return records.filter(pl.Series(live, dtype=pl.Boolean()))


def running_items(records: pl.DataFrame, today: dt.date) -> list[str]:
    """The items of the campaigns that run on that day, each once."""
    return list(
        dict.fromkeys(
            item_id
            for record in records.iter_rows(named=True)
            if status_of_record(record, today) is CampaignStatus.RUNNING
            for item_id in record["item_ids"]
        )
    )
