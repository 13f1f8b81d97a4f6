import "./campaigns.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CampaignView } from "stockcast-client";
import { campaign, campaignsChanged, removeCampaign } from "../../api/campaigns";
import { queries } from "../../api/client";
import type { ScreenProps } from "../../app/routes";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Page } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { toast } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { CampaignDialog } from "./CampaignDialog";
import { CampaignProducts } from "./CampaignProducts";
import { CampaignStatus } from "./CampaignStatus";
import { daysOf } from "./campaignForm";
import { PerformanceView } from "./PerformanceView";
import { ProductsEditor } from "./ProductsEditor";

/** One campaign: what it is, what it brought, and what is in it. */
export default function Campaign({ params }: ScreenProps) {
  const id = params.campaign_id ?? "";
  const mayPlan = useMay("plan_campaigns");
  const [search, setSearch] = useSearch();
  const [asked, setAsked] = useState<"edit" | "delete">();
  const query = useQuery(campaign(id));
  const read = query.data;
  const editsProducts = mayPlan && search.get("edit") === "products";

  return (
    <Page
      title={read?.value.name ?? "Campaign"}
      note={<Link to="/campaigns">All campaigns</Link>}
      actions={
        mayPlan &&
        read && (
          <>
            <Button onClick={() => setAsked("edit")}>Edit</Button>
            <Button kind="danger" onClick={() => setAsked("delete")}>
              Delete
            </Button>
          </>
        )
      }
    >
      <QueryView query={query} height="5rem">
        {({ value }) => <About campaign={value} />}
      </QueryView>
      {editsProducts ? (
        read && <ProductsEditor campaign={read} onClose={() => setSearch({ edit: null })} />
      ) : (
        <>
          <PerformanceView campaignId={id} />
          <CampaignProducts campaignId={id} onEdit={mayPlan ? () => setSearch({ edit: "products" }) : undefined} />
        </>
      )}
      {asked === "edit" && read && <CampaignDialog edited={read} onClose={() => setAsked(undefined)} />}
      {asked === "delete" && read && (
        <Confirm
          title={`Delete ${read.value.name}?`}
          action="Delete this campaign"
          act={() => removeCampaign(id, read.etag)}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            toast(`${read.value.name} is deleted.`);
            navigate("/campaigns", { replace: true });
            queries.removeQueries({ queryKey: ["campaigns", "one", id] });
            campaignsChanged();
          }}
        >
          What it brought can then no longer be measured. Sales and products stay as they are.
        </Confirm>
      )}
    </Page>
  );
}

function About({ campaign }: { campaign: CampaignView }) {
  const { date, money, count } = useFormats();
  const days = daysOf(campaign.start_date, campaign.end_date) ?? 0;
  return (
    <div className="card campaign-about">
      <p>
        <CampaignStatus status={campaign.status} />{" "}
        {campaign.status_basis === "given" && <span className="soft">as somebody said, not by its dates</span>}{" "}
        {date(campaign.start_date)} to {date(campaign.end_date)} ({count(days)} {days === 1 ? "day" : "days"})
        {campaign.campaign_type && ` · ${campaign.campaign_type}`}
        {` · ${campaign.budget === null ? "no budget" : `budget ${money(campaign.budget)}`}`}
      </p>
      {campaign.description && <p className="soft lines">{campaign.description}</p>}
    </div>
  );
}
