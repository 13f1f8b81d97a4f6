import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { type SuppliersQuery, supplierPerformance, suppliers } from "../../api/suppliers";
import { useFormats, useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { SelectField, TextField } from "../../ui/Field";
import { useShortcuts } from "../../ui/keyboard";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { SearchField } from "../../ui/SearchField";
import { navigate, useSearch } from "../../url/location";
import { picked } from "../../url/picked";
import { at } from "../../url/routes";
import { storedSort, withFigures } from "./measured";
import { Period, periodOf } from "./Period";
import { SupplierDialog } from "./SupplierDialog";
import { columnsOf } from "./supplierColumns";

const PAGE_SIZE = 50;
const FILTERS = ["search", "supplier_type", "is_synced", "min_lead_time_days", "max_lead_time_days", "page"];

/** Who sells to us: what they say, and what their orders show. */
export default function Suppliers() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const today = useToday();
  const mayOrder = useMay("order");
  const searchField = useRef<HTMLInputElement>(null);
  const [adding, setAdding] = useState(false);
  const sort = search.get("sort");
  const fromDate = periodOf(search, today);

  const list = useQuery(
    suppliers({ page_size: PAGE_SIZE, sort: storedSort(sort), ...picked(search, FILTERS) } as SuppliersQuery),
  );
  const ids = list.data?.items.map(({ supplier_id }) => supplier_id);
  const figures = useQuery({ ...supplierPerformance(fromDate, ids), enabled: Boolean(ids?.length) });
  const onePage = list.data !== undefined && list.data.total <= PAGE_SIZE;
  const columns = useMemo(() => columnsOf(formats, onePage, figures.isPending), [formats, onePage, figures.isPending]);
  useShortcuts({ "/": () => searchField.current?.focus() });
  const filtered = FILTERS.some((name) => name !== "page" && search.has(name));

  return (
    <Page
      title="Suppliers"
      note={list.data && `${formats.count(list.data.total)} ${filtered ? "fit" : "in all"}`}
      actions={
        mayOrder && (
          <Button kind="primary" onClick={() => setAdding(true)}>
            Add a supplier
          </Button>
        )
      }
    >
      <div className="row filters">
        <SearchField
          label="Search by name, id or number"
          ref={searchField}
          value={search.get("search") ?? ""}
          onSearch={(text) => setSearch({ search: text, page: null })}
        />
        <TextField
          label="Type"
          key={search.get("supplier_type")}
          defaultValue={search.get("supplier_type") ?? ""}
          onBlur={({ target }) => setSearch({ supplier_type: target.value.trim(), page: null })}
          onKeyDown={({ key, currentTarget }) => key === "Enter" && currentTarget.blur()}
        />
        <SelectField
          label="Kept by"
          value={search.get("is_synced") ?? ""}
          onChange={({ target }) => setSearch({ is_synced: target.value, page: null })}
        >
          <option value="">Either</option>
          <option value="true">Your own system</option>
          <option value="false">Stockcast</option>
        </SelectField>
        <SelectField
          label="Lead time"
          value={search.get("min_lead_time_days") ?? ""}
          onChange={({ target }) => setSearch({ min_lead_time_days: target.value, page: null })}
        >
          <option value="">Any</option>
          <option value="8">Over a week</option>
          <option value="15">Over two weeks</option>
          <option value="31">Over a month</option>
        </SelectField>
        <Period search={search} onChange={setSearch} />
      </div>
      <QueryView query={list} height="24rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title={filtered ? "No supplier fits these filters." : "There is no supplier yet."}>
              {filtered ? (
                <Button onClick={() => setSearch(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
                  Show all suppliers
                </Button>
              ) : (
                "Add one, or import them with their products under Data."
              )}
            </Empty>
          ) : (
            <>
              {figures.isError && (
                <p className="soft">What their orders show cannot be read right now: {figures.error.message}</p>
              )}
              <DataTable
                caption="Suppliers"
                columns={columns}
                rows={withFigures(items, figures.data?.items, onePage ? sort : null)}
                rowId={(row) => row.supplier_id}
                sort={sort}
                onSort={(text) => setSearch({ sort: text, page: null })}
                onOpen={(row) => navigate(at("/suppliers", row.supplier_id))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things="suppliers"
                onPage={(number) => setSearch({ page: number }, { push: true })}
              />
            </>
          )
        }
      </QueryView>
      {adding && <SupplierDialog onClose={() => setAdding(false)} />}
    </Page>
  );
}
