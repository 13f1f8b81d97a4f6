import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { CampaignRow } from "stockcast-client";
import { type CampaignsQuery, campaigns } from "../../api/campaigns";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { SelectField, TextField } from "../../ui/Field";
import { useShortcuts } from "../../ui/keyboard";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { SearchField } from "../../ui/SearchField";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { picked } from "../../url/picked";
import { at } from "../../url/routes";
import { CampaignDialog } from "./CampaignDialog";
import { CampaignStatus, STATUSES } from "./CampaignStatus";
import { daysOf } from "./campaignForm";

const FILTERS = ["search", "status", "campaign_type", "from_date", "to_date", "page", "sort"];
const NARROWING = FILTERS.filter((name) => name !== "page" && name !== "sort");

/** What was, is and will be offered at a discount. */
export default function Campaigns() {
  const [search, setSearch] = useSearch();
  const { date, money, count } = useFormats();
  const mayPlan = useMay("plan_campaigns");
  const searchField = useRef<HTMLInputElement>(null);
  const [planning, setPlanning] = useState(false);
  const list = useQuery(campaigns({ page_size: 50, ...picked(search, FILTERS) } as CampaignsQuery));
  const filtered = NARROWING.some((name) => search.has(name));
  useShortcuts({ "/": () => searchField.current?.focus() });

  const columns = useMemo<Column<CampaignRow>[]>(
    () => [
      {
        id: "name",
        header: "Campaign",
        sortable: true,
        cell: (row) => <Link to={at("/campaigns", row.campaign_id)}>{row.name}</Link>,
      },
      { id: "status", header: "Status", cell: (row) => <CampaignStatus status={row.status} /> },
      { id: "campaign_type", header: "Type", sortable: true, cell: (row) => row.campaign_type ?? "–" },
      {
        id: "start_date",
        header: "First day",
        sortable: true,
        largestFirst: true,
        cell: (row) => date(row.start_date),
      },
      { id: "end_date", header: "Last day", sortable: true, largestFirst: true, cell: (row) => date(row.end_date) },
      {
        id: "days",
        header: "Days",
        numeric: true,
        wide: true,
        cell: (row) => count(daysOf(row.start_date, row.end_date) ?? 0),
      },
      { id: "product_count", header: "Products", numeric: true, cell: (row) => count(row.product_count) },
      {
        id: "budget",
        header: "Budget",
        numeric: true,
        sortable: true,
        largestFirst: true,
        cell: (row) => (row.budget === null ? "–" : money(row.budget)),
      },
    ],
    [date, money, count],
  );

  return (
    <Page
      title="Campaigns"
      note={list.data && `${count(list.data.total)} ${filtered ? "fit" : "in all"}`}
      actions={
        mayPlan && (
          <Button kind="primary" onClick={() => setPlanning(true)}>
            Plan a campaign
          </Button>
        )
      }
    >
      <div className="row filters">
        <SearchField
          label="Search by name, type or description"
          ref={searchField}
          value={search.get("search") ?? ""}
          onSearch={(text) => setSearch({ search: text, page: null })}
        />
        <SelectField
          label="Status"
          value={search.get("status") ?? ""}
          onChange={({ target }) => setSearch({ status: target.value, page: null })}
        >
          <option value="">Any</option>
          {Object.entries(STATUSES).map(([status, [name]]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Type"
          key={search.get("campaign_type")}
          defaultValue={search.get("campaign_type") ?? ""}
          onBlur={({ target }) => setSearch({ campaign_type: target.value.trim(), page: null })}
          onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
        />
        <TextField
          label="On or after"
          type="date"
          value={search.get("from_date") ?? ""}
          onChange={({ target }) => setSearch({ from_date: target.value, page: null })}
        />
        <TextField
          label="On or before"
          type="date"
          value={search.get("to_date") ?? ""}
          onChange={({ target }) => setSearch({ to_date: target.value, page: null })}
        />
      </div>
      <QueryView query={list} height="20rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title={filtered ? "No campaign fits these filters." : "No campaign is planned yet."}>
              {filtered ? (
                <Button onClick={() => setSearch(Object.fromEntries(NARROWING.map((name) => [name, null])))}>
                  Show all campaigns
                </Button>
              ) : (
                "A campaign tells what is offered at a discount and when, so that what it brought can be measured."
              )}
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Campaigns"
                columns={columns}
                rows={items}
                rowId={(row) => row.campaign_id}
                sort={search.get("sort")}
                onSort={(sort) => setSearch({ sort, page: null })}
                onOpen={(row) => navigate(at("/campaigns", row.campaign_id))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="campaigns"
                onPage={(number) => setSearch({ page: number }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
      {planning && <CampaignDialog onClose={() => setPlanning(false)} />}
    </Page>
  );
}
