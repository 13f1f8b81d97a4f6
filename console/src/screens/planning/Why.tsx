import type { Suggestion } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { Popover } from "../../ui/Popover";
import { useDrafting } from "./Drafting";

/** How the quantity came about, from the figures of the line. */
export function Why({ line }: { line: Suggestion }) {
  return (
    <Popover label="Why" name={`Why: ${line.product_name}`}>
      <div className="why">
        <p>
          <strong>{line.product_name}</strong>
        </p>
        <Arithmetic line={line} />
        <Facts line={line} />
        <p className="soft">
          <small>{line.reason}</small>
        </p>
      </div>
    </Popover>
  );
}

/** What is counted on, what is missing of the level, and what MOQ and packs make of it. */
function Arithmetic({ line }: { line: Suggestion }) {
  const { quantity, percent } = useFormats();
  const share = line.location_id !== null;
  return (
    <dl className="sum">
      <dt>Order up to, at a level of {percent(line.level)}</dt>
      <dd>{quantity(line.order_up_to)}</dd>
      <dt>There, or arrives in time</dt>
      <dd>− {quantity(rounded(line.order_up_to - line.need))}</dd>
      <dt className="total">Need</dt>
      <dd className="total">{quantity(line.need)}</dd>
      {line.moq_uplift > 0 && (
        <>
          <dt>Up to the MOQ of {quantity(line.moq ?? 0)}</dt>
          <dd>+ {quantity(line.moq_uplift)}</dd>
        </>
      )}
      {line.pack_uplift > 0 && (
        <>
          <dt>
            Up to whole{" "}
            {line.packaging_qty === null || line.packaging_qty === 1
              ? "units"
              : `packs of ${quantity(line.packaging_qty)}`}
          </dt>
          <dd>+ {quantity(line.pack_uplift)}</dd>
        </>
      )}
      <dt className="total">{share ? `Its share of the ${quantity(line.order_quantity)} to order` : "Order"}</dt>
      <dd className="total">{quantity(line.quantity)}</dd>
    </dl>
  );
}

function Facts({ line }: { line: Suggestion }) {
  const { quantity, date, days, locale } = useFormats();
  const daily = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  return (
    <dl className="facts">
      <dt>Forecast</dt>
      <dd>
        {daily.format(line.expected_daily_demand)} a day, {quantity(Math.round(line.forecasted_demand_30d))} in 30 days
      </dd>
      <dt>Sold</dt>
      <dd>
        {line.units_sold_28d === null ? "not on record" : `${quantity(line.units_sold_28d)} in 28 days`}
        {line.last_sale && `, last on ${date(line.last_sale)}`}
      </dd>
      <dt>In stock</dt>
      <dd>
        {quantity(line.current_stock)}, for {days(line.dir)}
      </dd>
      <dt>On order</dt>
      <dd>{quantity(line.on_order)}</dd>
      <dt>Lead time</dt>
      <dd>
        {line.lead_time_days} days: arrives {date(line.expected_arrival)}
      </dd>
      <dt>Lasts then</dt>
      <dd>{days(line.days_of_cover_after_receipt)}</dd>
      <Places line={line} />
    </dl>
  );
}

/** Where the order goes, and what is moved between places first. */
function Places({ line }: { line: Suggestion }) {
  const { quantity } = useFormats();
  const { placeName } = useDrafting();
  const shares = line.allocation.filter((share) => share.quantity > 0);
  return (
    <>
      {shares.length > 0 && (
        <>
          <dt>Goes to</dt>
          <dd>{shares.map((share) => `${placeName(share.location_id)} ${quantity(share.quantity)}`).join(", ")}</dd>
        </>
      )}
      {line.transfers.length > 0 && (
        <>
          <dt>Move first</dt>
          <dd>
            {line.transfers.map((move) => (
              <span key={`${move.from_location_id} ${move.to_location_id}`} className="block">
                {quantity(move.quantity)} from {placeName(move.from_location_id)} to {placeName(move.to_location_id)}
              </span>
            ))}
          </dd>
        </>
      )}
    </>
  );
}

/** Differences of quantities with three decimals, without what floating point adds. */
const rounded = (units: number): number => Math.round(units * 1000) / 1000;
