import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CampaignView } from "stockcast-client";
import { campaign, campaignProducts, campaignsChanged, saveCampaignProducts } from "../../api/campaigns";
import { queries, type Versioned } from "../../api/client";
import { type ProductsQuery, products } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { useEditing } from "../../ui/editing";
import { TextField } from "../../ui/Field";
import { Section } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { SaveBar } from "../../ui/SaveBar";
import { SearchField } from "../../ui/SearchField";
import { Status } from "../../ui/Status";
import { toast } from "../../ui/toasts";
import { alike, bodyOf, linesOf, type ProductLine, without, withProduct, withTerms } from "./productLines";

interface Props {
  campaign: Versioned<CampaignView>;
  onClose: () => void;
}

/** Which products are in it, at what discount and for whom. */
export function ProductsEditor({ campaign: read, onClose }: Props) {
  const { count } = useFormats();
  const id = read.value.campaign_id;
  const named = useQuery(campaignProducts(id, { page_size: 200 }));
  const [added, setAdded] = useState<Record<string, string>>({});
  const names: Record<string, string> = {
    ...Object.fromEntries((named.data?.items ?? []).map((row) => [row.item_id, row.product_name])),
    ...added,
  };
  const form = useEditing({
    start: { value: { products: linesOf(read.value.products) }, etag: read.etag },
    reread: async () => {
      const { value, etag } = await queries.fetchQuery({ ...campaign(id), staleTime: 0 });
      return { value: { products: linesOf(value.products) }, etag };
    },
    write: ({ products }: { products: ProductLine[] }, _, headers) =>
      saveCampaignProducts(id, bodyOf(products), { "If-Match": headers["If-Match"] }),
    onSaved: (saved) => {
      campaignsChanged();
      toast(`${count(saved.products.length)} products are in it.`);
      onClose();
    },
  });
  const lines = form.values.products;
  const set = (products: ProductLine[]) => form.set({ products });

  return (
    <Section title="Choose products" note={`${count(lines.length)} in it`}>
      <form className="form" onSubmit={form.submit}>
        <Found
          chosen={new Set(lines.map(({ item_id }) => item_id))}
          onAdd={(itemId, name) => {
            setAdded((known) => ({ ...known, [itemId]: name }));
            set(withProduct(lines, itemId));
          }}
        />
        {lines.length > 1 && (
          <div className="row">
            <Button onClick={() => set(alike(lines))}>Give all the terms of the first</Button>
          </div>
        )}
        <ul className="chosen" aria-label="Products in it">
          {lines.map((line, index) => {
            const name = names[line.item_id] ?? line.item_id;
            return (
              <li key={line.item_id}>
                <span className="chosen-name named">
                  {name} <small className="soft">{line.item_id}</small>
                  {form.errors[`products/${index}/item_id`] && (
                    <small className="field error"> {form.errors[`products/${index}/item_id`]}</small>
                  )}
                </span>
                <TextField
                  label="Discount, %"
                  aria-label={`Discount of ${name}, percent`}
                  type="number"
                  min={0}
                  max={100}
                  step={0.01}
                  value={line.discount}
                  error={form.errors[`products/${index}/discount`]}
                  onChange={({ target }) => set(withTerms(lines, line.item_id, { discount: target.value }))}
                />
                <TextField
                  label="Offered to"
                  aria-label={`Whom ${name} is offered to`}
                  maxLength={200}
                  value={line.target_audience}
                  error={form.errors[`products/${index}/target_audience`]}
                  onChange={({ target }) => set(withTerms(lines, line.item_id, { target_audience: target.value }))}
                />
                <Button aria-label={`Take out ${name}`} onClick={() => set(without(lines, line.item_id))}>
                  Take out
                </Button>
              </li>
            );
          })}
        </ul>
        <SaveBar form={form} action="Save products" names={{ products: "its products" }} onCancel={onClose} />
      </form>
    </Section>
  );
}

interface FoundProps {
  chosen: ReadonlySet<string>;
  onAdd: (itemId: string, name: string) => void;
}

/** Products by search; without one, those that are best promoted: most money in too much stock. */
function Found({ chosen, onAdd }: FoundProps) {
  const { quantity, days } = useFormats();
  const [text, setText] = useState("");
  const query = useQuery(
    products({
      ...(text ? { search: text } : { sort: "-excess_value" }),
      page_size: 8,
      fields: "item_id,product_name,status,current_stock,dir",
    } as ProductsQuery),
  );
  return (
    <>
      <SearchField label="Search products by name or id" value={text} onSearch={setText} />
      <p className="soft">{text ? "Found:" : "Most money in too much stock:"}</p>
      <QueryView query={query} height="19rem">
        {({ items, total }) => (
          <>
            {total === 0 && <p className="soft">No product is called that.</p>}
            <ul className="found" aria-label="Products found">
              {items.map((row) => (
                <li key={row.item_id}>
                  <span className="named">
                    {row.product_name} <small className="soft">{row.item_id}</small> <Status status={row.status} />{" "}
                    <small className="soft">
                      {quantity(row.current_stock)} in stock, {row.dir === null ? "no sales" : `for ${days(row.dir)}`}
                    </small>
                  </span>
                  <Button
                    disabled={chosen.has(row.item_id)}
                    aria-label={`${chosen.has(row.item_id) ? "In it" : "Add"}: ${row.product_name}`}
                    onClick={() => onAdd(row.item_id, row.product_name)}
                  >
                    {chosen.has(row.item_id) ? "In it" : "Add"}
                  </Button>
                </li>
              ))}
            </ul>
          </>
        )}
      </QueryView>
    </>
  );
}
