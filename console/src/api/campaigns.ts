import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type CampaignBody,
  type CampaignProductBody,
  createCampaign,
  deleteCampaign,
  getCampaign,
  getCampaignPerformance,
  type ListCampaignsData,
  listCampaignProducts,
  listCampaigns,
  putCampaign,
  putCampaignProducts,
} from "stockcast-client";
import { call, ifMatch, queries, versioned } from "./client";

export type CampaignsQuery = NonNullable<ListCampaignsData["query"]>;

export const campaigns = (query: CampaignsQuery) =>
  queryOptions({
    queryKey: ["campaigns", "list", query],
    queryFn: ({ signal }) => call(listCampaigns({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** A campaign with its products, and the version with which it is edited. */
export const campaign = (campaignId: string) =>
  queryOptions({
    queryKey: ["campaigns", "one", campaignId],
    queryFn: ({ signal }) => versioned(getCampaign({ path: { campaign_id: campaignId }, signal })),
  });

/** The campaign's products as rows of the catalog. */
export const campaignProducts = (campaignId: string, query: { page?: number; page_size: number; sort?: string }) =>
  queryOptions({
    queryKey: ["campaigns", "products", campaignId, query],
    queryFn: ({ signal }) => call(listCampaignProducts({ path: { campaign_id: campaignId }, query, signal })),
    placeholderData: keepPreviousData,
  });

export const campaignPerformance = (campaignId: string) =>
  queryOptions({
    queryKey: ["campaigns", "performance", campaignId],
    queryFn: ({ signal }) => call(getCampaignPerformance({ path: { campaign_id: campaignId }, signal })),
    staleTime: 5 * 60_000,
  });

export const planCampaign = (body: CampaignBody, headers: { "Idempotency-Key": string }) =>
  call(createCampaign({ body, headers }));

export const saveCampaign = (campaignId: string, body: CampaignBody, headers: { "If-Match"?: string }) =>
  call(putCampaign({ path: { campaign_id: campaignId }, body, headers }));

export const saveCampaignProducts = (
  campaignId: string,
  products: CampaignProductBody[],
  headers: { "If-Match"?: string },
) => call(putCampaignProducts({ path: { campaign_id: campaignId }, body: { products }, headers }));

export const removeCampaign = (campaignId: string, etag: string | null) =>
  call(deleteCampaign({ path: { campaign_id: campaignId }, headers: ifMatch(etag) }));

/** After a campaign was changed: its figures, and which products are in one. */
export function campaignsChanged(): void {
  queries.invalidateQueries({ queryKey: ["campaigns"] });
  queries.invalidateQueries({ queryKey: ["recommendations"] });
}
