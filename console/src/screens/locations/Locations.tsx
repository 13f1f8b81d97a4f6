import "./locations.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { LocationView } from "stockcast-client";
import { ApiError, queries, type Versioned } from "../../api/client";
import { location, locationList, removeLocation } from "../../api/locations";
import { useFormats } from "../../format/useFormats";
import { useMay } from "../../session/session";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { type Column, DataTable } from "../../ui/DataTable";
import { useShortcuts } from "../../ui/keyboard";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { SearchField } from "../../ui/SearchField";
import { Badge } from "../../ui/Status";
import { toast, toastError } from "../../ui/toasts";
import { Link } from "../../url/Link";
import { href, useSearch } from "../../url/location";
import { LocationDialog } from "./LocationDialog";
import { TYPES } from "./locationForm";

interface Asked {
  what: "edit" | "delete";
  location: Versioned<LocationView>;
}

/** Where stock is kept and orders arrive. */
export default function Locations() {
  const [search, setSearch] = useSearch();
  const { count } = useFormats();
  const mayOrder = useMay("order");
  const searchField = useRef<HTMLInputElement>(null);
  const [adding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked>();
  const text = search.get("search") ?? "";
  const list = useQuery(locationList({ search: text || undefined, page: Number(search.get("page")) || undefined }));
  useShortcuts({ "/": () => searchField.current?.focus() });

  const ask = useMutation({
    mutationFn: async ({ what, id }: { what: Asked["what"]; id: string }) => ({
      what,
      location: await queries.fetchQuery(location(id)),
    }),
    onSuccess: setAsked,
    onError: toastError,
  });
  const read = ask.mutate;
  const columns = useMemo<Column<LocationView>[]>(
    () => [
      {
        id: "name",
        header: "Location",
        cell: (row) => (
          <span className="named">
            {row.name} <small className="soft">{row.location_id}</small>{" "}
            {row.is_default && <Badge tone="info">Default</Badge>}
          </span>
        ),
      },
      { id: "type", header: "Type", cell: (row) => (row.type ? TYPES[row.type] : "–") },
      {
        id: "where",
        header: "Where",
        cell: (row) => [row.address, row.city, row.country].filter(Boolean).join(", ") || "–",
      },
      {
        id: "is_synced",
        header: "Kept by",
        wide: true,
        cell: (row) => (row.is_synced ? "your own system" : "Stockcast"),
      },
      {
        id: "stock",
        header: "Kept there",
        cell: (row) => <Link to={href("/products", { location_id: row.location_id })}>Products at {row.name}</Link>,
      },
      ...(mayOrder
        ? [
            {
              id: "actions",
              header: "Change",
              cell: (row: LocationView) =>
                row.is_synced ? null : (
                  <span className="location-actions">
                    <Button aria-label={`Edit ${row.name}`} onClick={() => read({ what: "edit", id: row.location_id })}>
                      Edit
                    </Button>
                    <Button
                      kind="danger"
                      aria-label={`Delete ${row.name}`}
                      onClick={() => read({ what: "delete", id: row.location_id })}
                    >
                      Delete
                    </Button>
                  </span>
                ),
            },
          ]
        : []),
    ],
    [mayOrder, read],
  );

  return (
    <Page
      title="Locations"
      note={list.data && count(list.data.total)}
      actions={
        mayOrder && (
          <Button kind="primary" onClick={() => setAdding(true)}>
            Add a location
          </Button>
        )
      }
    >
      <div className="row filters">
        <SearchField
          label="Search by name, id, city or country"
          ref={searchField}
          value={text}
          onSearch={(typed) => setSearch({ search: typed, page: null })}
        />
      </div>
      <QueryView query={list} height="12rem">
        {({ items, page, page_size, total }) =>
          total === 0 ? (
            <Empty title={text ? "No location is called that." : "There is no location yet."}>
              {text ? (
                <Button onClick={() => setSearch({ search: null })}>Show all locations</Button>
              ) : (
                "Without one, stock is counted as a whole. Add one, or import them under Data."
              )}
            </Empty>
          ) : (
            <>
              <DataTable caption="Locations" columns={columns} rows={items} rowId={(row) => row.location_id} />
              {mayOrder && items.some((row) => row.is_synced) && (
                <p className="soft">What your own system keeps is changed there, and comes with the next sync.</p>
              )}
              {(total > page_size || page > 1) && (
                <Pager
                  page={page}
                  pageSize={page_size}
                  total={total}
                  things="locations"
                  onPage={(number) => setSearch({ page: number }, { push: true })}
                />
              )}
            </>
          )
        }
      </QueryView>
      {adding && <LocationDialog onClose={() => setAdding(false)} />}
      {asked?.what === "edit" && <LocationDialog edited={asked.location} onClose={() => setAsked(undefined)} />}
      {asked?.what === "delete" && (
        <Confirm
          title={`Delete ${asked.location.value.name}?`}
          action="Delete this location"
          act={() => removeLocation(asked.location.value.location_id, asked.location.etag).catch(inWords)}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            toast(`${asked.location.value.name} is deleted.`);
            setAsked(undefined);
            queries.invalidateQueries({ queryKey: ["locations"] });
          }}
        >
          It can be deleted once no product is kept there and no open order is bound for it.
        </Confirm>
      )}
    </Page>
  );
}

/** Where products are kept without stock, the API says what to call; people take them off on the product's screen. */
function inWords(error: unknown): never {
  if (error instanceof ApiError && error.problem?.code === "location_has_items") {
    const [what] = error.message.split("; ");
    throw new ApiError(`${what}. Take the location off these products first, on their own screens.`, error.problem);
  }
  throw error;
}
