import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import {
  createSupplier,
  deleteSupplier,
  getSupplier,
  getSupplierPerformance,
  type ListSuppliersData,
  listSupplierProducts,
  listSuppliers,
  type NewSupplier,
  putSupplier,
  type SupplierBody,
} from "stockcast-client";
import { call, ifMatch, queries, versioned } from "./client";

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

export type SuppliersQuery = NonNullable<ListSuppliersData["query"]>;

export const suppliers = (query: SuppliersQuery) =>
  queryOptions({
    queryKey: ["suppliers", "list", query],
    queryFn: ({ signal }) => call(listSuppliers({ query, signal })),
    placeholderData: keepPreviousData,
  });

/** A supplier with its latest orders, and the version with which it is edited. */
export const supplier = (supplierId: string) =>
  queryOptions({
    queryKey: ["suppliers", "one", supplierId],
    queryFn: ({ signal }) => versioned(getSupplier({ path: { supplier_id: supplierId }, signal })),
  });

/** What it sells, and on which terms. */
export const suppliedProducts = (supplierId: string, page: number) =>
  queryOptions({
    queryKey: ["suppliers", "products", supplierId, page],
    queryFn: ({ signal }) =>
      call(listSupplierProducts({ path: { supplier_id: supplierId }, query: { page, page_size: 20 }, signal })),
    placeholderData: keepPreviousData,
  });

export const addSupplier = (body: NewSupplier, headers: { "Idempotency-Key": string }) =>
  call(createSupplier({ body, headers }));

export const saveSupplier = (supplierId: string, body: SupplierBody, headers: { "If-Match"?: string }) =>
  call(putSupplier({ path: { supplier_id: supplierId }, body, headers }));

export const removeSupplier = (supplierId: string, etag: string | null) =>
  call(deleteSupplier({ path: { supplier_id: supplierId }, headers: ifMatch(etag) }));

/** After a supplier was changed: what its orders show stays as it was. */
export const suppliersChanged = () =>
  queries.invalidateQueries({
    predicate: ({ queryKey: [resource, part] }) => resource === "suppliers" && part !== "performance",
  });
