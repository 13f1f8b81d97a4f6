import { queryOptions } from "@tanstack/react-query";
import { getSupplierPerformance, listSuppliers } from "stockcast-client";
import { call } from "./client";

/** The names of all suppliers, for filters and choices. */
export const supplierNames = () =>
  queryOptions({
    queryKey: ["suppliers", "names"],
    queryFn: ({ signal }) => call(listSuppliers({ query: { page_size: 200, fields: "supplier_id,name" }, signal })),
    staleTime: 5 * 60_000,
  });

/** How suppliers have kept what they promised, of the orders that were due since a day. */
export const supplierPerformance = (fromDate: string, supplierIds?: readonly string[]) =>
  queryOptions({
    queryKey: ["suppliers", "performance", fromDate, supplierIds ?? null],
    queryFn: ({ signal }) =>
      call(
        getSupplierPerformance({
          query: { from_date: fromDate, supplier_id: supplierIds ? [...supplierIds] : undefined, page_size: 200 },
          signal,
        }),
      ),
    staleTime: 5 * 60_000,
  });
