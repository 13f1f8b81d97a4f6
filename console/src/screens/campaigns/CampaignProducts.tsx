import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { CampaignProductRow } from "stockcast-client";
import { campaignProducts } from "../../api/campaigns";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { Status } from "../../ui/Status";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { at } from "../../url/routes";

/** What is in the campaign, and how much of it there is to sell. */
export function CampaignProducts({ campaignId, onEdit }: { campaignId: string; onEdit?: () => void }) {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const page = Number(search.get("page")) || 1;
  const sort = search.get("sort") ?? undefined;
  const query = useQuery(campaignProducts(campaignId, { page, page_size: 25, sort }));
  const columns = useMemo<Column<CampaignProductRow>[]>(() => {
    const { quantity, days, money } = formats;
    return [
      {
        id: "product_name",
        header: "Product",
        sortable: true,
        cell: (row) => (
          <span className="named">
            <Link to={at("/products", row.item_id)}>{row.product_name}</Link>{" "}
            <small className="soft">{row.item_id}</small>
          </span>
        ),
      },
      {
        id: "discount",
        header: "Discount",
        numeric: true,
        cell: (row) => (row.discount === null ? "–" : `${quantity(row.discount)}%`),
      },
      { id: "target_audience", header: "Offered to", cell: (row) => row.target_audience ?? "–" },
      { id: "status", header: "Status", sortable: true, cell: (row) => <Status status={row.status} /> },
      {
        id: "current_stock",
        header: "In stock",
        numeric: true,
        sortable: true,
        largestFirst: true,
        cell: (row) => quantity(row.current_stock),
      },
      { id: "dir", header: "Lasts", numeric: true, sortable: true, cell: (row) => days(row.dir) },
      {
        id: "inventory_value",
        header: "Value",
        numeric: true,
        sortable: true,
        largestFirst: true,
        wide: true,
        cell: (row) => money(row.inventory_value),
      },
    ];
  }, [formats]);
  return (
    <Section
      title="Products"
      note={query.data && `${formats.count(query.data.total)} in the catalog`}
      actions={onEdit && <Button onClick={onEdit}>Choose products</Button>}
    >
      <QueryView query={query} height="40rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title="No product is in it yet.">
              {onEdit ? "Choose those that are offered: what they sell is measured." : "Marketing chooses them."}
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Products of the campaign"
                columns={columns}
                rows={items}
                rowId={(row) => row.item_id}
                sort={sort}
                onSort={(text) => setSearch({ sort: text, page: null })}
                onOpen={(row) => navigate(at("/products", row.item_id))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="products"
                onPage={(number) => setSearch({ page: number }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
    </Section>
  );
}
