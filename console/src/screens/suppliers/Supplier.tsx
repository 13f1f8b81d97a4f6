import "./suppliers.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../api/client";
import { removeSupplier, supplier, supplierPerformance, suppliersChanged } from "../../api/suppliers";
import type { ScreenProps } from "../../app/routes";
import { useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Page, Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { toast } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { navigate, useSearch } from "../../url/location";
import { Period, periodOf } from "./Period";
import { SuppliedProducts } from "./SuppliedProducts";
import { SupplierDialog } from "./SupplierDialog";
import { SupplierFacts } from "./SupplierFacts";
import { SupplierFigures } from "./SupplierFigures";
import { SupplierOrders } from "./SupplierOrders";

/** One supplier: who it is, what its orders show, what it sells on which terms, what was ordered. */
export default function Supplier({ params }: ScreenProps) {
  const id = params.supplier_id ?? "";
  const today = useToday();
  const [search, setSearch] = useSearch();
  const mayOrder = useMay("order");
  const [asked, setAsked] = useState<"edit" | "delete">();
  const query = useQuery(supplier(id));
  const figures = useQuery(supplierPerformance(periodOf(search, today), [id]));
  const read = query.data;

  return (
    <Page
      title={read?.value.name ?? "Supplier"}
      note={<Link to="/suppliers">All suppliers</Link>}
      actions={
        mayOrder &&
        read && (
          <>
            <Button onClick={() => setAsked("edit")}>Edit</Button>
            {!read.value.is_synced && (
              <Button kind="danger" onClick={() => setAsked("delete")}>
                Delete
              </Button>
            )}
          </>
        )
      }
    >
      <QueryView query={query} height="14rem">
        {({ value }) => <SupplierFacts supplier={value} />}
      </QueryView>
      <Section
        title="What its orders show"
        actions={<Period search={search} onChange={setSearch} />}
        className="supplier-figures"
      >
        <QueryView query={figures} height="7rem">
          {(page) => <SupplierFigures row={page.items[0]} stated={read?.value.lead_time_days ?? null} page={page} />}
        </QueryView>
      </Section>
      <SuppliedProducts supplierId={id} mayOrder={mayOrder} />
      <QueryView query={query} height="16rem">
        {({ value }) => <SupplierOrders supplierId={id} orders={value.orders} />}
      </QueryView>
      {asked === "edit" && read && <SupplierDialog edited={read} onClose={() => setAsked(undefined)} />}
      {asked === "delete" && read && (
        <Confirm
          title={`Delete ${read.value.name}?`}
          action="Delete this supplier"
          act={() => removeSupplier(id, read.etag)}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            toast(`${read.value.name} is deleted.`);
            navigate("/suppliers", { replace: true });
            queries.removeQueries({ queryKey: ["suppliers", "one", id] });
            suppliersChanged();
          }}
        >
          It can be deleted while it sells nothing and was never ordered from.
        </Confirm>
      )}
    </Page>
  );
}
