import "./cart.css";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CartView, OrderView } from "stockcast-client";
import { cart, emptyCart } from "../../api/cart";
import { cartChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Page } from "../../ui/Page";
import { Empty, QueryView } from "../../ui/QueryView";
import { toast } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { CartSupplier } from "./CartSupplier";
import { PlaceDialog } from "./PlaceDialog";
import { Placed } from "./Placed";

/** What the user is about to order, by supplier. */
export default function Cart() {
  if (!useMay("order")) {
    return (
      <Page title="Cart">
        <Empty title="Your role does not order.">
          What is to be ordered is in <Link to="/planning">Order planning</Link>.
        </Empty>
      </Page>
    );
  }
  return <OwnCart />;
}

type Asking = "place" | "clear" | null;

function OwnCart() {
  const { count } = useFormats();
  const own = useQuery(cart());
  const [asking, setAsking] = useState<Asking>(null);
  const [placed, setPlaced] = useState<OrderView[]>([]);
  const view = own.data?.value;
  const lines = view?.totals.lines ?? 0;
  return (
    <Page
      title="Cart"
      actions={
        lines > 0 && (
          <>
            <Button onClick={() => setAsking("clear")}>Empty</Button>
            <Button kind="primary" onClick={() => setAsking("place")}>
              Place orders
            </Button>
          </>
        )
      }
    >
      {placed.length > 0 && <Placed orders={placed} />}
      <QueryView query={own} height="30rem">
        {({ value }) =>
          value.totals.lines > 0 ? (
            <Contents view={value} />
          ) : (
            placed.length === 0 && (
              <Empty title="Nothing is in your cart.">
                <Link to="/planning">What is to be ordered now</Link>
              </Empty>
            )
          )
        }
      </QueryView>
      {view && asking === "place" && (
        <PlaceDialog
          view={view}
          onPlaced={(orders) => {
            setPlaced((before) => [...orders, ...before]);
            setAsking(null);
            toast(orders.length === 1 ? "The order is placed." : `${count(orders.length)} orders are placed.`);
          }}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "clear" && (
        <Confirm
          title="Empty the cart"
          action={`Remove ${count(lines)} ${lines === 1 ? "line" : "lines"}`}
          act={emptyCart}
          onDone={() => {
            setAsking(null);
            toast("The cart is empty.");
            cartChanged();
          }}
          onClose={() => setAsking(null)}
        >
          All lines are removed, with the quantities that you have entered. This cannot be undone.
        </Confirm>
      )}
    </Page>
  );
}

function Contents({ view }: { view: CartView }) {
  const { money, count } = useFormats();
  const { lines, cost } = view.totals;
  const suppliers = view.groups.length;
  return (
    <>
      <p>
        <strong>{count(lines)}</strong> {lines === 1 ? "line" : "lines"} from {count(suppliers)}{" "}
        {suppliers === 1 ? "supplier" : "suppliers"} for <strong>{money(cost)}</strong>
      </p>
      {view.groups.map((group) => (
        <CartSupplier key={group.supplier_id} group={group} />
      ))}
    </>
  );
}
