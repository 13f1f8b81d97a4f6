import { type ReactNode, useState } from "react";
import type { ProductDetail } from "stockcast-client";
import type { Versioned } from "../../api/client";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Section } from "../../ui/Page";
import { DetailsDialog } from "./DetailsDialog";
import { PlanningDialog } from "./PlanningDialog";

/** How the product is planned in place of what the settings would do, and what is known of it. */
export function Planning({ read }: { read: Versioned<ProductDetail> }) {
  const { decimal, quantity, unitCost, date, dateTime } = useFormats();
  const mayEdit = useMay("edit_products");
  const [open, setOpen] = useState<"planning" | "details" | null>(null);
  const { value: product } = read;
  const { planning } = product;
  const usual = <span className="soft">as the settings say</span>;
  const close = () => setOpen(null);
  return (
    <Section
      title="Planning"
      actions={
        mayEdit && (
          <>
            <Button onClick={() => setOpen("details")}>Edit product</Button>
            <Button onClick={() => setOpen("planning")}>Edit planning</Button>
          </>
        )
      }
    >
      <dl className="facts">
        <Fact name="Service level">
          {planning?.service_level ? `${decimal(planning.service_level * 100)}%` : usual}
        </Fact>
        <Fact name="Minimum stock">{quantityOr(planning?.min_stock, quantity, "none")}</Fact>
        <Fact name="Maximum stock">{quantityOr(planning?.max_stock, quantity, "none")}</Fact>
        <Fact name="Ordering">
          {!planning?.do_not_order
            ? "suggested when it is due"
            : planning.do_not_order_until
              ? `not suggested until ${date(planning.do_not_order_until)}`
              : "not suggested"}
        </Fact>
        {planning?.reason && <Fact name="Reason">{planning.reason}</Fact>}
        <Fact name="If it does not sell">{product.strategic ? "it is kept in stock" : "it becomes dead stock"}</Fact>
        <Fact name="Unit cost">{product.unit_cost > 0 ? unitCost(product.unit_cost) : "not known"}</Fact>
        <Fact name="Sale price">{product.unit_price === null ? "not known" : unitCost(product.unit_price)}</Fact>
        <Fact name="First and last sale">
          {product.first_record ? date(product.first_record) : "never"}
          {product.last_sale && ` to ${date(product.last_sale)}`}
        </Fact>
        <Fact name="Last changed">{dateTime(product.updated_at)}</Fact>
      </dl>
      {open === "planning" && <PlanningDialog read={read} onClose={close} />}
      {open === "details" && <DetailsDialog read={read} onClose={close} />}
    </Section>
  );
}

const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const quantityOr = (units: number | null | undefined, quantity: (units: number) => string, otherwise: string) =>
  units === null || units === undefined ? <span className="soft">{otherwise}</span> : quantity(units);
