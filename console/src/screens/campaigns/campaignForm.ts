/** What the form of a campaign holds, and what it sends. Its products are kept apart: what is not sent stays. */
import type { CampaignBody, CampaignStatus, CampaignView } from "stockcast-client";
import { daysBetween } from "../../format/days";
import { numberOrNull, textOrNull } from "../../ui/changes";

export interface CampaignForm {
  name: string;
  campaign_type: string;
  start_date: string;
  end_date: string;
  budget: string;
  description: string;
  /** "": as its dates say. */
  status: CampaignStatus | "";
}

export const NAMES: Record<keyof CampaignForm, string> = {
  name: "Name",
  campaign_type: "Type",
  start_date: "First day",
  end_date: "Last day",
  budget: "Budget",
  description: "What it is about",
  status: "Status",
};

export const campaignForm = (campaign?: CampaignView): CampaignForm => ({
  name: campaign?.name ?? "",
  campaign_type: campaign?.campaign_type ?? "",
  start_date: campaign?.start_date ?? "",
  end_date: campaign?.end_date ?? "",
  budget: campaign?.budget == null ? "" : String(campaign.budget),
  description: campaign?.description ?? "",
  status: campaign?.status_basis === "given" ? campaign.status : "",
});

export const campaignBody = (form: CampaignForm): CampaignBody => ({
  name: form.name.trim(),
  campaign_type: textOrNull(form.campaign_type),
  start_date: form.start_date,
  end_date: form.end_date,
  budget: numberOrNull(form.budget),
  description: textOrNull(form.description),
  status: form.status || null,
});

/** How many days a campaign has, its first and last included; null while they are not both known. */
export function daysOf(first: string, last: string): number | null {
  const days = daysBetween(first, last) + 1;
  return days > 0 ? days : null;
}
