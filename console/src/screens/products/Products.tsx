import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { ProductRow } from "stockcast-client";
import { type ProductsQuery, products } from "../../api/products";
import type { Formats } from "../../format/format";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { useShortcuts } from "../../ui/keyboard";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { Status } from "../../ui/Status";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { at } from "../../url/routes";

const PAGE_SIZE = 50;

/** The catalog: filtered, sorted and paged by the API, all of it in the address. */
export default function Products() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const searchField = useRef<HTMLInputElement>(null);
  const list = useQuery(products(queryOf(search)));
  const columns = useMemo(() => columnsOf(formats), [formats]);
  useShortcuts({ "/": () => searchField.current?.focus() });
  return (
    <Page title="Products">
      <div className="row">
        <div className="field">
          <label htmlFor="search">Search</label>
          <input
            id="search"
            ref={searchField}
            type="search"
            defaultValue={search.get("search") ?? ""}
            onChange={({ target }) => setSearch({ search: target.value, page: null })}
          />
        </div>
      </div>
      <QueryView query={list} height="60rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title="No product fits these filters." />
          ) : (
            <>
              <DataTable
                caption="Products"
                columns={columns}
                rows={items}
                rowId={(row) => row.item_id}
                sort={search.get("sort")}
                onSort={(sort) => setSearch({ sort, page: null })}
                onOpen={(row) => navigate(at("/products", row.item_id))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="products"
                onPage={(page) => setSearch({ page }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

/** The filters of the address are those of the API, by the same names. */
function queryOf(search: URLSearchParams): ProductsQuery {
  const query: Record<string, unknown> = { page_size: PAGE_SIZE };
  for (const name of new Set(search.keys())) {
    if (name === "client_id" || name === "columns") continue;
    const values = search.getAll(name);
    query[name] = values.length > 1 ? values : values[0];
  }
  return query as ProductsQuery;
}

function columnsOf({ quantity, money, percent, days }: Formats): Column<ProductRow>[] {
  return [
    {
      id: "product_name",
      header: "Product",
      sortable: true,
      cell: (row) => (
        <>
          <Link to={at("/products", row.item_id)}>{row.product_name}</Link>{" "}
          <small className="soft">{row.item_id}</small>
        </>
      ),
    },
    { id: "status", header: "Status", sortable: true, cell: (row) => <Status status={row.status} /> },
    {
      id: "current_stock",
      header: "In stock",
      numeric: true,
      sortable: true,
      cell: (row) => quantity(row.current_stock),
    },
    { id: "on_order", header: "On order", numeric: true, sortable: true, cell: (row) => quantity(row.on_order) },
    { id: "dir", header: "Lasts", numeric: true, sortable: true, cell: (row) => days(row.dir) },
    {
      id: "stockout_risk",
      header: "Stockout risk",
      numeric: true,
      sortable: true,
      largestFirst: true,
      cell: (row) => percent(row.stockout_risk),
    },
    {
      id: "sales_at_risk",
      header: "Sales at risk",
      numeric: true,
      sortable: true,
      largestFirst: true,
      cell: (row) => money(row.sales_at_risk),
    },
    { id: "supplier_name", header: "Supplier", sortable: true, cell: (row) => row.supplier_name ?? "–" },
  ];
}
