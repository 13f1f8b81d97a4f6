import "./product.css";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ProductDetail } from "stockcast-client";
import type { Versioned } from "../../api/client";
import { locations } from "../../api/locations";
import { product, productMetrics } from "../../api/products";
import type { ScreenProps } from "../../app/routes";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { Page } from "../../ui/Page";
import { QueryView } from "../../ui/QueryView";
import { Badge, Status } from "../../ui/Status";
import { Link } from "../../url/Link";
import { href, useSearch } from "../../url/location";
import { LIFECYCLES } from "../products/filters";
import { CampaignsOfProduct } from "./CampaignsOfProduct";
import { CartDialog } from "./CartDialog";
import { Figures } from "./Figures";
import { Orders } from "./Orders";
import { Places } from "./Places";
import { Planning } from "./Planning";
import { Stock } from "./Stock";
import { SuppliersCompared } from "./SuppliersCompared";

/** How much of the past the chart shows, where nobody has chosen. */
const DAYS = 182;

export default function Product({ params }: ScreenProps) {
  const itemId = params.item_id ?? "";
  return <ProductOf key={itemId} itemId={itemId} />;
}

/** Everything about a product: what there is, what is expected, who sells it and how it is planned. */
function ProductOf({ itemId }: { itemId: string }) {
  const [search, setSearch] = useSearch();
  const locationId = search.get("location_id") ?? undefined;
  const days = Number(search.get("days")) || DAYS;
  const detail = useQuery(product(itemId, days));
  const metrics = useQuery(productMetrics(itemId, locationId));
  // A location's own forecast is a request of its own: names are then those that are known.
  const places = useQuery({ ...locations(), enabled: locationId === undefined }).data;
  const names = useMemo(() => new Map(places?.items.map(({ location_id, name }) => [location_id, name])), [places]);
  const [adding, setAdding] = useState(false);
  const mayOrder = useMay("order");
  const found = detail.data?.value;
  const sold = found?.suppliers.length !== 0;

  return (
    <Page
      title={found?.product_name ?? itemId}
      note={found && <Kind product={found} />}
      actions={
        mayOrder &&
        found && (
          <Button kind="primary" disabled={!sold} onClick={() => setAdding(true)}>
            Add to cart
          </Button>
        )
      }
    >
      <QueryView query={detail} height="70rem">
        {(data: Versioned<ProductDetail>) => (
          <>
            <div className="row">
              <SelectField
                label="Location"
                value={locationId ?? ""}
                onChange={({ target }) => setSearch({ location_id: target.value })}
              >
                <option value="">All together</option>
                {data.value.stock_per_location.map(({ location_id }) => (
                  <option key={location_id} value={location_id ?? ""}>
                    {names.get(location_id ?? "") ?? location_id}
                  </option>
                ))}
              </SelectField>
            </div>
            <QueryView query={metrics} height="8rem">
              {(figures) => <Figures metrics={figures} />}
            </QueryView>
            <Stock
              product={data.value}
              locationId={locationId}
              leadTime={data.value.lead_time_days}
              days={days}
              onDays={(days) => setSearch({ days: days === DAYS ? null : days })}
            />
            <Places product={data.value} names={names} />
            <SuppliersCompared product={data.value} />
            <Orders product={data.value} />
            <div className="grid">
              <Planning read={data} />
              <CampaignsOfProduct product={data.value} />
            </div>
            {adding && (
              <CartDialog
                product={data.value}
                suggested={locationId ? 0 : (metrics.data?.reorder_quantity ?? 0)}
                onClose={() => setAdding(false)}
              />
            )}
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** What kind of product it is, in a line. */
function Kind({
  product: { item_id, sku, category, status, lifecycle, abc, xyz, needs_review, planning },
}: {
  product: ProductDetail;
}) {
  return (
    <span className="kind">
      <span>
        {item_id}
        {sku && ` · ${sku}`}
      </span>
      <Link to={href("/products", { category })}>{category}</Link>
      <Status status={status} />
      <Badge tone="quiet">{`${LIFECYCLES[lifecycle]}${abc && xyz ? ` · ${abc}${xyz}` : ""}`}</Badge>
      {needs_review && <Badge tone="warn">Needs review</Badge>}
      {planning?.do_not_order && <Badge tone="warn">Not to be ordered</Badge>}
    </span>
  );
}
