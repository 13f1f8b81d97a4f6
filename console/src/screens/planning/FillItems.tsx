import { useMutation } from "@tanstack/react-query";
import type { FillItem, SuggestionGroup } from "stockcast-client";
import { addLine } from "../../api/cart";
import { cartChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Badge } from "../../ui/Status";
import { toast, toastError } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { at } from "../../url/routes";

/** What would bring the order to the supplier's minimum: what is due next, in the least quantity that is sold. */
export function FillItems({ group }: { group: SuggestionGroup }) {
  const { money } = useFormats();
  const { fill_items: items, remaining_shortfall: left } = group;
  return (
    <div className="note fills">
      <p>
        <strong>{money(group.shortfall)} are missing to the minimum.</strong>{" "}
        {items.length === 0
          ? "No other product of this supplier is expected to sell."
          : left > 0
            ? `These are due next; with all of them ${money(left)} are still missing.`
            : "These are due next, and would reach it:"}
      </p>
      {items.length > 0 && (
        <ul>
          {items.map((item) => (
            <Fill key={item.item_id} item={item} supplierId={group.supplier_id ?? ""} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Fill({ item, supplierId }: { item: FillItem; supplierId: string }) {
  const { quantity, money, percent, days } = useFormats();
  const mayOrder = useMay("order");
  const { mutate, isPending } = useMutation({
    mutationFn: () => addLine({ item_id: item.item_id, supplier_id: supplierId, quantity: item.quantity }),
    onSuccess: () => toast(`${item.product_name} is in the cart.`),
    onError: toastError,
    onSettled: () => cartChanged(),
  });
  return (
    <li>
      <span>
        <Link to={at("/products", item.item_id)}>{item.product_name}</Link>{" "}
        <small className="soft">
          lasts {days(item.dir)}, {percent(item.stockout_risk)} risk
        </small>
      </span>
      <span className="numeric">
        {quantity(item.quantity)} for {money(item.total_price)}
      </span>
      {item.in_cart ? (
        <Badge tone="info">In cart</Badge>
      ) : (
        mayOrder && (
          <Button busy={isPending} onClick={() => mutate()}>
            Add<span className="visually-hidden"> {item.product_name}</span>
          </Button>
        )
      )}
    </li>
  );
}
