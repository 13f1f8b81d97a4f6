import { type ComponentType, lazy } from "react";
import type { Ability } from "stockcast-client";

export interface ScreenProps {
  /** The parameters of the path. */
  params: Record<string, string>;
}

interface Route {
  path: string;
  screen: ComponentType<ScreenProps>;
}

const screen = (path: string, load: () => Promise<{ default: ComponentType<ScreenProps> }>): Route => ({
  path,
  screen: lazy(load),
});

/** Every screen, and the address that shows it; each is loaded when it is first opened. */
export const ROUTES: readonly Route[] = [
  screen("/", () => import("../screens/home/Home")),
  screen("/planning", () => import("../screens/planning/Planning")),
  screen("/cart", () => import("../screens/cart/Cart")),
  screen("/orders", () => import("../screens/orders/Orders")),
  screen("/orders/:order_id", () => import("../screens/orders/Order")),
  screen("/products", () => import("../screens/products/Products")),
  screen("/products/:item_id", () => import("../screens/product/Product")),
  screen("/recommendations", () => import("../screens/recommendations/Recommendations")),
  screen("/suppliers", () => import("../screens/suppliers/Suppliers")),
  screen("/suppliers/:supplier_id", () => import("../screens/suppliers/Supplier")),
  screen("/campaigns", () => import("../screens/campaigns/Campaigns")),
  screen("/campaigns/:campaign_id", () => import("../screens/campaigns/Campaign")),
  screen("/locations", () => import("../screens/locations/Locations")),
  screen("/data", () => import("../screens/data/Data")),
  screen("/forecast-quality", () => import("../screens/forecast-quality/ForecastQuality")),
  screen("/settings", () => import("../screens/settings/Settings")),
  screen("/chat", () => import("../screens/chat/Chat")),
];

interface Entry {
  label: string;
  to: string;
  /** Shown to those who may do this; to all without it. */
  ability?: Ability;
}

/** The navigation, in the order of a buyer's morning. */
export const NAVIGATION: readonly Entry[] = [
  { label: "Home", to: "/" },
  { label: "Order planning", to: "/planning" },
  { label: "Cart", to: "/cart", ability: "order" },
  { label: "Orders", to: "/orders" },
  { label: "Products", to: "/products" },
  { label: "Recommendations", to: "/recommendations" },
  { label: "Suppliers", to: "/suppliers" },
  { label: "Campaigns", to: "/campaigns" },
  { label: "Locations", to: "/locations" },
  { label: "Data", to: "/data" },
  { label: "Forecast quality", to: "/forecast-quality" },
  { label: "Ask", to: "/chat" },
  { label: "Settings", to: "/settings" },
];
