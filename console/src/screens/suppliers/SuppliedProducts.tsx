import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { SuppliedProduct } from "stockcast-client";
import { suppliedProducts } from "../../api/suppliers";
import { useFormats } from "../../format/useFormats";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { at } from "../../url/routes";

/** What it sells, and on which terms. */
export function SuppliedProducts({ supplierId, mayOrder }: { supplierId: string; mayOrder: boolean }) {
  const formats = useFormats();
  const [search, setSearch] = useSearch();
  const query = useQuery(suppliedProducts(supplierId, Number(search.get("page")) || 1));
  const columns = useMemo<Column<SuppliedProduct>[]>(() => {
    const { unitCost, quantity, count } = formats;
    return [
      {
        id: "product",
        header: "Product",
        cell: (row) => (
          <span className="named">
            <Link to={at("/products", row.item_id)}>{row.product_name ?? row.item_id}</Link>{" "}
            <small className="soft">{row.item_id}</small>
          </span>
        ),
      },
      { id: "supplier_sku", header: "Its number there", wide: true, cell: (row) => row.supplier_sku ?? "–" },
      { id: "cost", header: "Cost", numeric: true, cell: (row) => unitCost(row.supplier_cost) },
      { id: "moq", header: "Minimum", numeric: true, cell: (row) => quantity(row.moq) },
      {
        id: "pack",
        header: "Pack",
        numeric: true,
        cell: (row) => (
          <>
            {quantity(row.packaging_qty)}
            {row.packaging_unit && <small className="soft"> {row.packaging_unit}</small>}
          </>
        ),
      },
      { id: "lead_time", header: "Lead time", numeric: true, cell: (row) => `${count(row.lead_time_days)} d` },
      {
        id: "is_primary",
        header: "Planned from here",
        cell: (row) => (row.is_primary ? "yes" : <span className="soft">no, from another</span>),
      },
    ];
  }, [formats]);
  return (
    <Section
      title="What it sells"
      note={query.data && `${formats.count(query.data.total)} products`}
      actions={mayOrder && <span className="soft">Terms are edited on the product.</span>}
    >
      <QueryView query={query} height="44rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <p className="soft">
              It sells nothing yet. Link it on the screen of a product, or import terms under Data.
            </p>
          ) : (
            <>
              <DataTable
                caption="Products and terms"
                columns={columns}
                rows={items}
                rowId={(row) => row.item_id}
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
