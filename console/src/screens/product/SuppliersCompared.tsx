import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ProductDetail, SupplierCondition, SupplierRow } from "stockcast-client";
import { ifMatch } from "../../api/client";
import { productsChanged } from "../../api/products";
import { supplierPerformance } from "../../api/suppliers";
import { readTerms, saveTerms, unlink } from "../../api/terms";
import { daysAfter } from "../../format/days";
import { useFormats, useToday } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { type Column, DataTable } from "../../ui/DataTable";
import { Section } from "../../ui/Page";
import { Badge } from "../../ui/Status";
import { toast, toastError } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";
import { leadTimeMeasured, shareTone } from "../suppliers/figures";
import { termsBody, termsForm } from "./forms";
import { TermsDialog } from "./TermsDialog";

type Open = { what: "edit" | "unlink"; terms: SupplierCondition } | { what: "link" } | null;

/** Who sells it: what each asks and states, beside what its orders of the last year show. */
export function SuppliersCompared({ product }: { product: ProductDetail }) {
  const formats = useFormats();
  const mayEdit = useMay("edit_products");
  const today = useToday();
  const [open, setOpen] = useState<Open>(null);
  const ids = product.suppliers.map(({ supplier_id }) => supplier_id).sort();
  const performance = useQuery({ ...supplierPerformance(daysAfter(today, -364), ids), enabled: ids.length > 0 });
  const measured = useMemo(
    () => new Map(performance.data?.items.map((row) => [row.supplier_id, row])),
    [performance.data],
  );
  const primary = useMutation({
    mutationFn: async ({ supplier_id }: SupplierCondition) => {
      const { value, etag } = await readTerms(product.item_id, supplier_id);
      const body = { ...termsBody(termsForm(value)), is_primary: true };
      return saveTerms(product.item_id, supplier_id, body, ifMatch(etag));
    },
    onSuccess: (terms) => toast(`Planning goes by ${terms.supplier_name} now.`),
    onError: toastError,
    onSettled: () => productsChanged(),
  });
  const columns = useColumns(measured, formats);
  const editing: Column<SupplierCondition> = {
    id: "edit",
    header: "Terms",
    cell: (terms) => (
      <span className="actions">
        {!terms.is_primary && (
          <Button
            kind="quiet"
            busy={primary.isPending && primary.variables.supplier_id === terms.supplier_id}
            aria-label={`Make primary: ${terms.supplier_name}`}
            onClick={() => primary.mutate(terms)}
          >
            Make primary
          </Button>
        )}
        <Button
          kind="quiet"
          aria-label={`Edit the terms of ${terms.supplier_name}`}
          onClick={() => setOpen({ what: "edit", terms })}
        >
          Edit
        </Button>
        <Button
          kind="quiet"
          aria-label={`Unlink ${terms.supplier_name}`}
          onClick={() => setOpen({ what: "unlink", terms })}
        >
          Unlink
        </Button>
      </span>
    ),
  };
  const close = () => setOpen(null);
  return (
    <Section
      title="Suppliers"
      note={product.suppliers.length > 0 && "measured over the last year"}
      actions={mayEdit && <Button onClick={() => setOpen({ what: "link" })}>Link a supplier</Button>}
    >
      {product.suppliers.length === 0 ? (
        <p className="soft">No supplier is linked, so that it cannot be ordered. Link one with its terms.</p>
      ) : (
        <DataTable
          caption="Suppliers compared"
          columns={mayEdit ? [...columns, editing] : columns}
          rows={product.suppliers}
          rowId={(terms) => terms.supplier_id}
        />
      )}
      {open?.what === "edit" && <TermsDialog product={product} terms={open.terms} onClose={close} />}
      {open?.what === "link" && <TermsDialog product={product} onClose={close} />}
      {open?.what === "unlink" && (
        <Confirm
          title={`Unlink ${open.terms.supplier_name}`}
          action="Unlink"
          act={() => unlink(product.item_id, open.terms.supplier_id)}
          onDone={() => {
            productsChanged();
            toast(`${open.terms.supplier_name} no longer sells ${product.product_name}.`);
            close();
          }}
          onClose={close}
        >
          <p>
            Its terms for {product.product_name} are gone then.{" "}
            {open.terms.is_primary && "Planning goes by another supplier, or by none if this is the last."}
          </p>
        </Confirm>
      )}
    </Section>
  );
}

function useColumns(
  measured: ReadonlyMap<string, SupplierRow>,
  formats: ReturnType<typeof useFormats>,
): Column<SupplierCondition>[] {
  return useMemo(() => {
    const { unitCost, quantity, percent, count } = formats;
    return [
      {
        id: "supplier",
        header: "Supplier",
        cell: (terms) => (
          <span className="named">
            <Link to={at("/suppliers", terms.supplier_id)}>{terms.supplier_name}</Link>{" "}
            {terms.is_primary && <Badge tone="good">primary</Badge>}{" "}
            {terms.supplier_sku && <small className="soft">{terms.supplier_sku}</small>}
          </span>
        ),
      },
      { id: "cost", header: "Unit cost", numeric: true, cell: (terms) => unitCost(terms.supplier_cost) },
      { id: "moq", header: "Minimum", numeric: true, cell: (terms) => quantity(terms.moq) },
      {
        id: "pack",
        header: "Pack",
        numeric: true,
        cell: (terms) => (
          <span>
            {quantity(terms.packaging_qty)}
            {terms.packaging_unit && <small className="soft"> {terms.packaging_unit}</small>}
          </span>
        ),
      },
      { id: "stated", header: "Lead time stated", numeric: true, cell: (terms) => `${count(terms.lead_time_days)} d` },
      {
        id: "measured",
        header: "Measured",
        numeric: true,
        cell: ({ supplier_id }) => {
          const row = measured.get(supplier_id);
          return (row && leadTimeMeasured(row, formats)) ?? "–";
        },
      },
      {
        id: "otif",
        header: "On time, in full",
        numeric: true,
        cell: ({ supplier_id }) => {
          const share = measured.get(supplier_id)?.otif ?? null;
          return share === null ? "–" : <Badge tone={shareTone(share)}>{percent(share)}</Badge>;
        },
      },
    ];
  }, [measured, formats]);
}
