import type { ReactNode } from "react";
import type { SupplierDetail } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Section } from "../../ui/Page";

/** Who it is, and what was agreed. */
export function SupplierFacts({ supplier }: { supplier: SupplierDetail }) {
  const { money, count, dateTime } = useFormats();
  const facts: [string, ReactNode][] = [
    ["Lead time stated", supplier.lead_time_days === null ? null : `${count(supplier.lead_time_days)} days`],
    ["Minimum order", supplier.minimum_order_value === null ? "none" : money(supplier.minimum_order_value)],
    ["Payment", supplier.payment_terms],
    ["Type", supplier.supplier_type],
    ["Id", supplier.supplier_id],
    ["Number in your system", supplier.external_id],
    ["Kept by", supplier.is_synced ? "your own system; contact and notes here" : "Stockcast"],
    ["Last changed", dateTime(supplier.updated_at)],
  ];
  const contact: [string, ReactNode][] = [
    ["Contact", supplier.contact_name],
    ["Email", supplier.contact_email && <a href={`mailto:${supplier.contact_email}`}>{supplier.contact_email}</a>],
    ["Phone", supplier.contact_phone && <a href={`tel:${supplier.contact_phone}`}>{supplier.contact_phone}</a>],
    ["Address", supplier.address && <span className="lines">{supplier.address}</span>],
    ["Notes", supplier.notes && <span className="lines">{supplier.notes}</span>],
  ];
  return (
    <div className="grid">
      <Section title="Agreed">
        <Facts facts={facts} />
      </Section>
      <Section title="Contact">
        <Facts facts={contact} />
      </Section>
    </div>
  );
}

const Facts = ({ facts }: { facts: [string, ReactNode][] }) => (
  <dl className="facts">
    {facts.map(([name, value]) => (
      <div key={name} className="fact">
        <dt>{name}</dt>
        <dd>{value || "–"}</dd>
      </div>
    ))}
  </dl>
);
