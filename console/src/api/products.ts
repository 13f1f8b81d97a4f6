import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  type ExportProductsData,
  exportProducts,
  getItemForecast,
  getProduct,
  getProductMetrics,
  type ListProductsData,
  listCategories,
  listProducts,
  type ProductPatch,
  patchProduct,
} from "stockcast-client";
import { answered, call, queries, versioned } from "./client";

export type ProductsQuery = NonNullable<ListProductsData["query"]>;
export type ExportQuery = NonNullable<ExportProductsData["query"]>;

export const products = (query: ProductsQuery) =>
  queryOptions({
    queryKey: ["products", "list", query],
    queryFn: ({ signal }) => call(listProducts({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** The categories of the products under the filter, and how many of them each has. */
export const categories = (query: ProductsQuery = {}) =>
  queryOptions({
    queryKey: ["products", "categories", query],
    queryFn: ({ signal }) => call(listCategories({ query: { ...query, page_size: 200 }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
  });

/** A product with everything about it, and the version with which it is edited. */
export const product = (itemId: string, days = 182) =>
  queryOptions({
    queryKey: ["products", "item", itemId, days],
    queryFn: ({ signal }) =>
      versioned(getProduct({ path: { item_id: itemId }, query: { days, orders_page_size: ORDERS }, signal })),
    placeholderData: keepPreviousData,
  });

/** Orders of a product on one page: as many as open ones are likely to be, so that the first page has them all. */
export const ORDERS = 10;

/** A later page of the product's orders. */
export const ordersOfProduct = (itemId: string, page: number) =>
  queryOptions({
    queryKey: ["products", "item", itemId, "orders", page],
    queryFn: async ({ signal }) => {
      const query = { days: 1, orders_page: page, orders_page_size: ORDERS };
      return (await call(getProduct({ path: { item_id: itemId }, query, signal }))).orders;
    },
    placeholderData: keepPreviousData,
  });

/** The figures of a product, or of a product at a location, and what they were computed from. */
export const productMetrics = (itemId: string, locationId?: string) =>
  queryOptions({
    queryKey: ["products", "item", itemId, "metrics", locationId ?? null],
    queryFn: ({ signal }) =>
      call(getProductMetrics({ path: { item_id: itemId }, query: { location_id: locationId }, signal })),
    placeholderData: keepPreviousData,
  });

/** What sold at one location and what is expected to sell there. */
export const forecastAt = (itemId: string, locationId: string, days: number) =>
  queryOptions({
    queryKey: ["forecast", "item", itemId, locationId, days],
    queryFn: ({ signal }) =>
      call(
        getItemForecast({
          path: { run_id: "latest", item_id: itemId },
          query: { location_id: locationId, history_days: days },
          signal,
        }),
      ),
    retry: false,
  });

/** Change some fields; refused (412) if somebody else has changed the product since. */
export const changeProduct = (itemId: string, body: ProductPatch, headers: { "If-Match"?: string }) =>
  call(patchProduct({ path: { item_id: itemId }, body, headers }));

/** After a product, its stock or its terms were changed: what is computed from them has changed too. */
export const productsChanged = () =>
  queries.invalidateQueries({
    predicate: ({ queryKey: [resource] }) => !["clients", "forecast", "locations"].includes(String(resource)),
  });

/** The list as a file. */
export const exported = (query: ExportQuery) => answered(exportProducts({ query, parseAs: "blob" }));
