import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import type { OrderRow } from "stockcast-client";
import { type OrdersQuery, orders } from "../../api/orders";
import { supplierNames } from "../../api/suppliers";
import type { Formats } from "../../format/format";
import { useFormats, useToday } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { SelectField, TextField } from "../../ui/Field";
import { useShortcuts } from "../../ui/keyboard";
import { ORDER_STATUS, OrderStatus } from "../../ui/OrderStatus";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { SearchField } from "../../ui/SearchField";
import { Badge } from "../../ui/Status";
import { Link } from "../../url/Link";
import { href, navigate, useSearch } from "../../url/location";
import { picked } from "../../url/picked";
import { at } from "../../url/routes";
import { daysLate, OPEN } from "./status";

const PAGE_SIZE = 50;
const FILTERS = ["search", "supplier_id", "from_date", "to_date", "overdue", "page"];
/** What is asked for when nothing is: orders that are still to come, those that should be here first. */
const ALL = "all";

/** What was ordered: the late ones first, and everything that ever was. */
export default function Orders() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const today = useToday();
  const searchField = useRef<HTMLInputElement>(null);
  const query = queryOf(search);
  const list = useQuery(orders(query));
  const suppliers = useQuery(supplierNames());
  const columns = useMemo(() => columnsOf(formats, today), [formats, today]);
  useShortcuts({ "/": () => searchField.current?.focus() });
  const show = search.get("overdue") === "true" ? "overdue" : (search.get("status") ?? "");

  return (
    <Page title="Orders">
      <div className="row filters">
        <SelectField
          label="Show"
          value={show}
          onChange={({ target: { value } }) =>
            setSearch({ status: value === "overdue" ? null : value, overdue: value === "overdue" || null, page: null })
          }
        >
          <option value="">Open orders, due first</option>
          <option value="overdue">Overdue</option>
          {Object.entries(ORDER_STATUS).map(([status, { name }]) => (
            <option key={status} value={status}>
              {name}
            </option>
          ))}
          <option value={ALL}>All, newest first</option>
        </SelectField>
        <SelectField
          label="Supplier"
          value={search.get("supplier_id") ?? ""}
          onChange={({ target }) => setSearch({ supplier_id: target.value, page: null })}
        >
          <option value="">All</option>
          {suppliers.data?.items.map(({ supplier_id, name }) => (
            <option key={supplier_id} value={supplier_id}>
              {name}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Ordered from"
          type="date"
          value={search.get("from_date") ?? ""}
          onChange={({ target }) => setSearch({ from_date: target.value, page: null })}
        />
        <TextField
          label="Until"
          type="date"
          value={search.get("to_date") ?? ""}
          onChange={({ target }) => setSearch({ to_date: target.value, page: null })}
        />
        <SearchField
          label="Number, item or supplier"
          ref={searchField}
          value={search.get("search") ?? ""}
          onSearch={(text) => setSearch({ search: text, page: null })}
        />
      </div>
      <QueryView query={list} height="40rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty
              title={show === "" && !search.get("search") ? "Nothing is on its way." : "No order fits these filters."}
            >
              <Link to="/planning">See what to order</Link> or{" "}
              <Link to={href("/orders", { status: ALL })}>all orders</Link>
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Orders"
                columns={columns}
                rows={items}
                rowId={(row) => row.id}
                sort={query.sort}
                onSort={(sort) => setSearch({ sort, page: null })}
                onOpen={(row) => navigate(at("/orders", row.id))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="orders"
                onPage={(next) => setSearch({ page: next }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

function queryOf(search: URLSearchParams): OrdersQuery {
  const given = search.getAll("status");
  const overdue = search.get("overdue") === "true";
  const status = given.includes(ALL) || overdue ? undefined : given.length ? given : OPEN;
  const sort = search.get("sort") ?? (given.includes(ALL) ? "-created_at" : "expected_delivery_date");
  return { page_size: PAGE_SIZE, ...picked(search, FILTERS), status, sort } as OrdersQuery;
}

function columnsOf({ date, money, count }: Formats, today: string): Column<OrderRow>[] {
  return [
    {
      id: "po_number",
      header: "Order",
      sortable: true,
      cell: (row) => <Link to={at("/orders", row.id)}>{row.po_number}</Link>,
    },
    {
      id: "supplier_name",
      header: "Supplier",
      sortable: true,
      cell: (row) => <Link to={at("/suppliers", row.supplier_id)}>{row.supplier_name}</Link>,
    },
    {
      id: "status",
      header: "Status",
      sortable: true,
      cell: ({ status }) => <OrderStatus status={status} />,
    },
    {
      id: "expected_delivery_date",
      header: "Expected",
      sortable: true,
      cell: (row) => {
        const late = daysLate(row.status, row.expected_delivery_date, today);
        return (
          <>
            {date(row.expected_delivery_date ?? "")}{" "}
            {late > 0 && <Badge tone="bad">{`${count(late)} ${late === 1 ? "day" : "days"} late`}</Badge>}
          </>
        );
      },
    },
    { id: "order_date", header: "Ordered", sortable: true, wide: true, cell: (row) => date(row.order_date) },
    {
      id: "line_count",
      header: "Lines to come",
      numeric: true,
      cell: (row) => `${count(row.outstanding_line_count)} of ${count(row.line_count)}`,
    },
    {
      id: "total_amount",
      header: "Total",
      numeric: true,
      sortable: true,
      largestFirst: true,
      cell: (row) => money(row.total_amount),
    },
  ];
}
