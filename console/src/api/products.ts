import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getProduct, type ListProductsData, listCategories, listProducts } from "stockcast-client";
import { call } from "./client";

export type ProductsQuery = NonNullable<ListProductsData["query"]>;

export const products = (query: ProductsQuery) =>
  queryOptions({
    queryKey: ["products", "list", query],
    queryFn: ({ signal }) => call(listProducts({ query, signal })),
    placeholderData: keepPreviousData,
  });

export const categories = () =>
  queryOptions({
    queryKey: ["products", "categories"],
    queryFn: ({ signal }) => call(listCategories({ query: { page_size: 200 }, signal })),
    staleTime: 5 * 60_000,
  });

export const product = (itemId: string) =>
  queryOptions({
    queryKey: ["products", "item", itemId],
    queryFn: ({ signal }) => call(getProduct({ path: { item_id: itemId }, signal })),
  });
