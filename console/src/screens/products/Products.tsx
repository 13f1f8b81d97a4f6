import "./products.css";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { locations } from "../../api/locations";
import { products } from "../../api/products";
import { supplierNames } from "../../api/suppliers";
import { useFormats } from "../../format/useFormats";
import { useRemembered } from "../../session/useRemembered";
import { DataTable } from "../../ui/DataTable";
import { useShortcuts } from "../../ui/keyboard";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { SearchField } from "../../ui/SearchField";
import { navigate, useSearch } from "../../url/location";
import { Chips } from "./Chips";
import { ColumnChoice } from "./ColumnChoice";
import { columnsOf, DEFAULT_COLUMNS, fieldsOf, productAddress } from "./columns";
import { ExportChoice } from "./ExportChoice";
import { FilterBar } from "./FilterBar";
import { chipsOf, type Names, queryOf } from "./filters";
import { SavedViews } from "./SavedViews";
import { SortChoice } from "./SortChoice";

const PAGE_SIZE = 50;

/** The catalog: filtered, sorted and paged by the API, all of it in the address. */
export default function Products() {
  const [search, setSearch] = useSearch();
  const formats = useFormats();
  const searchField = useRef<HTMLInputElement>(null);
  const query = queryOf(search);
  const list = useQuery(products({ page_size: PAGE_SIZE, ...query }));
  const [names, wantNames] = useNames(search.has("supplier_id") || search.has("location_id"));
  const [remembered, remember] = useRemembered<readonly string[] | null>("products.columns", null);
  const chosen = search.get("columns")?.split(",") ?? remembered;
  const own = chosen !== null;
  const columns = useMemo(() => columnsOf(formats, names.locations, own), [formats, names.locations, own]);
  const shown = ["product_name", ...(chosen ?? usual(search))];
  const chips = chipsOf(search, formats, names);
  useShortcuts({ "/": () => searchField.current?.focus() });
  const { page: _page, page_size: _size, ...filtered } = query;

  return (
    <Page
      title="Products"
      actions={
        <>
          <SavedViews columns={chosen} />
          <ColumnChoice
            columns={columns}
            shown={shown}
            onChoose={(ids) => {
              remember(ids);
              setSearch({ columns: ids?.join(",") });
            }}
          />
          <ExportChoice
            query={{ ...filtered, fields: fieldsOf(columns.map(({ id }) => id).filter((id) => shown.includes(id))) }}
            total={list.data?.total}
          />
        </>
      }
    >
      <div className="row product-filters">
        <SearchField
          label="Search"
          ref={searchField}
          placeholder="Name, number or category"
          value={search.get("search") ?? ""}
          onSearch={(text) => setSearch({ search: text, page: null })}
        />
        <FilterBar names={names} onOpen={wantNames} />
        <SortChoice columns={columns} />
      </div>
      <Chips chips={chips} />
      <QueryView query={list} height="60rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title="No product fits these filters.">
              {chips.length > 0 ? "Take a filter away, or reset them all." : "Search for a part of a name or a number."}
            </Empty>
          ) : (
            <div className="stack product-list">
              <DataTable
                caption="Products"
                columns={columns}
                rows={items}
                rowId={(row) => `${row.item_id} ${row.location_id ?? ""}`}
                sort={search.get("sort")}
                shown={shown}
                onSort={(sort) => setSearch({ sort, page: null })}
                onOpen={(row) => navigate(productAddress(row))}
              />
              <Pager
                page={page}
                pageSize={page_size}
                total={total}
                things={search.has("location_id") ? "stocks of products" : "products"}
                onPage={(page) => setSearch({ page }, { push: true })}
                onPageSize={(page_size) => setSearch({ page_size, page: null })}
              />
            </div>
          )
        }
      </QueryView>
    </Page>
  );
}

/** What stands where nobody has chosen; rows of locations say of which. */
const usual = (search: URLSearchParams): readonly string[] =>
  search.has("location_id") ? [...DEFAULT_COLUMNS, "location_id"] : DEFAULT_COLUMNS;

/** Names of suppliers and locations, read when a filter or its form needs them. */
function useNames(needed: boolean): [Names, () => void] {
  const [asked, setAsked] = useState(false);
  const enabled = needed || asked;
  const suppliers = useQuery({ ...supplierNames(), enabled }).data;
  const places = useQuery({ ...locations(), enabled }).data;
  const names = useMemo<Names>(
    () => ({
      suppliers: new Map(suppliers?.items.map(({ supplier_id, name }) => [supplier_id, name])),
      locations: new Map(places?.items.map(({ location_id, name }) => [location_id, name])),
    }),
    [suppliers, places],
  );
  return [names, () => setAsked(true)];
}
