import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { OrderView, ReceiptView } from "stockcast-client";
import { receipts } from "../../api/orders";
import { useFormats } from "../../format/useFormats";
import { ORDER_STATUS } from "../../ui/OrderStatus";
import { Section } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { QueryView } from "../../ui/QueryView";

/** What has happened to the order, and what has arrived. */
export function Events({ order }: { order: OrderView }) {
  const { dateTime, date } = useFormats();
  return (
    <div className="grid">
      <Section title="History">
        <ol className="events">
          {[...order.history].reverse().map((event) => (
            <li key={`${event.at} ${event.to}`}>
              <strong>{ORDER_STATUS[event.to].name}</strong>{" "}
              <small className="soft">
                {dateTime(event.at)}, {event.by}
              </small>
              {event.expected_delivery_date && <p>expected {date(event.expected_delivery_date)}</p>}
              {event.reason && <p>{event.reason}</p>}
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Deliveries">
        {order.receipt_count === 0 ? (
          <p className="soft">Nothing has arrived yet.</p>
        ) : order.receipt_count > order.receipts.length ? (
          <AllReceipts orderId={order.id} names={namesOf(order)} />
        ) : (
          <Receipts receipts={order.receipts} names={namesOf(order)} />
        )}
      </Section>
    </div>
  );
}

const namesOf = (order: OrderView): Map<string, string> =>
  new Map(order.items.map(({ item_id, product_name }) => [item_id, product_name]));

function AllReceipts({ orderId, names }: { orderId: string; names: Map<string, string> }) {
  const [page, setPage] = useState(1);
  const found = useQuery(receipts(orderId, page));
  return (
    <QueryView query={found}>
      {(data) => (
        <>
          <Receipts receipts={data.items} names={names} />
          <Pager page={page} pageSize={data.page_size} total={data.total} things="deliveries" onPage={setPage} />
        </>
      )}
    </QueryView>
  );
}

function Receipts({ receipts: shown, names }: { receipts: readonly ReceiptView[]; names: Map<string, string> }) {
  const { dateTime, quantity } = useFormats();
  return (
    <ol className="events">
      {shown.map((receipt) => (
        <li key={receipt.id}>
          <strong>Delivery {receipt.number}</strong>{" "}
          <small className="soft">
            {dateTime(receipt.at)}, {receipt.by}
            {receipt.location_id && `, at ${receipt.location_id}`}
          </small>
          <ul>
            {receipt.lines.map((line) => (
              <li key={line.item_id}>
                {quantity(line.quantity)} × {names.get(line.item_id) ?? line.item_id}
              </li>
            ))}
          </ul>
          {receipt.notes && <p>{receipt.notes}</p>}
        </li>
      ))}
    </ol>
  );
}
