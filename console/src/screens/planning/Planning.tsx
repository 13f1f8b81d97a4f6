import "./planning.css";
import { useMay } from "../../session/session";
import { Page } from "../../ui/Page";
import { Link } from "../../url/Link";
import { href, useSearch } from "../../url/location";
import { OrdersView } from "./OrdersView";
import { TransfersView } from "./TransfersView";

const VIEWS = [
  { view: null, label: "To order" },
  { view: "transfers", label: "To move" },
] as const;

/** What to order now, from whom and why; and what to move between locations before it is bought. */
export default function Planning() {
  const [search] = useSearch();
  const mayOrder = useMay("order");
  const open = search.get("view") === "transfers" ? "transfers" : null;
  return (
    <Page
      title="Order planning"
      actions={
        mayOrder && (
          <Link className="button" to="/cart">
            Open the cart
          </Link>
        )
      }
    >
      <nav className="tabs" aria-label="Parts of order planning">
        <ul>
          {VIEWS.map(({ view, label }) => (
            <li key={label}>
              <Link to={href("/planning", { view })} aria-current={view === open ? "page" : undefined}>
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {open === "transfers" ? <TransfersView /> : <OrdersView />}
    </Page>
  );
}
