import {
  columnVisibilityFeature,
  rowSelectionFeature,
  rowSortingFeature,
  type ColumnDef as TanStackColumn,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import { typing, useShortcuts } from "./keyboard";
import { toggled } from "./selection";
import { parseSort, type SortBy, sortText } from "./sorting";

const features = tableFeatures({
  columnVisibilityFeature,
  rowSelectionFeature,
  rowSortingFeature,
  columnMeta: {} as { numeric?: boolean; wide?: boolean },
});
type Features = typeof features;

export interface Column<T> {
  /** Its name in the address; with `sortable`, the API's field. */
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
  sortable?: boolean;
  /** The first click sorts from the largest down. */
  largestFirst?: boolean;
  /** Not on a phone, where a row is a card that stays short. */
  wide?: boolean;
}

interface Props<T> {
  /** What the table lists, for screen readers. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowId: (row: T) => string;
  /** The order, as the API takes it, and what to do when another is asked for. */
  sort?: string | null;
  onSort?: (sort: string) => void;
  /** Ids of the columns that are shown; all without it. */
  shown?: readonly string[];
  /** Open a row: Enter on it, or a click beside its links. */
  onOpen?: (row: T) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  /** What a row is called, where it can be selected. */
  rowName?: (row: T) => string;
  rowClass?: (row: T) => string | undefined;
}

/** A table of one page of a list; the API filters, sorts and pages. On a phone each row becomes a card. */
export function DataTable<T>(props: Props<T>) {
  const { caption, columns, rows, rowId, sort, onSort, shown, onOpen, selected, onSelect, rowName, rowClass } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const sorting = useMemo(() => parseSort(sort), [sort]);

  const definitions = useMemo<TanStackColumn<Features, T & object>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: (row: T & object) => row,
        header: column.header,
        cell: ({ row }: { row: { original: T & object } }) => column.cell(row.original),
        enableSorting: Boolean(column.sortable && onSort),
        sortDescFirst: column.largestFirst ?? false,
        meta: { numeric: column.numeric, wide: column.wide },
      })),
    [columns, onSort],
  );
  const table = useTable<Features, T & object>({
    features,
    data: rows as (T & object)[],
    columns: definitions,
    getRowId: rowId,
    manualSorting: true,
    enableSortingRemoval: true,
    state: {
      sorting,
      columnVisibility: Object.fromEntries(columns.map(({ id }) => [id, !shown || shown.includes(id)])),
      rowSelection: Object.fromEntries([...(selected ?? [])].map((id) => [id, true as const])),
    },
    onSortingChange: (update) => onSort?.(sortText(update instanceof Function ? update(sorting) : update)),
  });

  const items = table.getRowModel().rows;
  useShortcuts({
    j: () => step(body.current, 1),
    k: () => step(body.current, -1),
  });
  // A row that is gone takes the focus along: the next j starts from the top again.
  useEffect(() => {
    if (onSelect && selected?.size) {
      const present = [...selected].filter((id) => rows.some((row) => rowId(row) === id));
      if (present.length !== selected.size) onSelect(new Set(present));
    }
  }, [rows, rowId, selected, onSelect]);

  const open = (event: KeyboardEvent<HTMLTableRowElement>, row: T) => {
    if (event.key === "Enter" && !typing(event.target) && event.target === event.currentTarget) onOpen?.(row);
    if (event.key === "x" && onSelect && !typing(event.target)) onSelect(toggled(selected, rowId(row)));
  };

  return (
    <div className="table-frame">
      {/* The roles say again what the elements are: as cards on a phone they would lose them. */}
      <table role="table" className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {onSelect && (
              <th role="columnheader" scope="col" className="select">
                <input
                  type="checkbox"
                  aria-label="Select all on this page"
                  checked={rows.length > 0 && rows.every((row) => selected?.has(rowId(row)))}
                  onChange={({ target }) => onSelect(new Set(target.checked ? rows.map(rowId) : []))}
                />
              </th>
            )}
            {table.getHeaderGroups()[0]?.headers.map((header) => {
              const { meta } = header.column.columnDef;
              const order = header.column.getIsSorted();
              return (
                <th
                  key={header.id}
                  role="columnheader"
                  scope="col"
                  className={meta?.numeric ? "numeric" : undefined}
                  aria-sort={order === "asc" ? "ascending" : order === "desc" ? "descending" : undefined}
                >
                  {header.column.getCanSort() ? (
                    <button
                      type="button"
                      className="sort"
                      title="Sort; with Shift by this one as well"
                      onClick={(event) => header.column.toggleSorting(undefined, event.shiftKey)}
                    >
                      <table.FlexRender header={header} />
                      <Order sorting={sorting} id={header.column.id} />
                    </button>
                  ) : (
                    <table.FlexRender header={header} />
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body}>
          {items.map((item, index) => (
            <tr
              key={item.id}
              role="row"
              tabIndex={onOpen ? (index === 0 ? 0 : -1) : undefined}
              aria-selected={onSelect ? Boolean(selected?.has(item.id)) : undefined}
              className={[onOpen && "opens", rowClass?.(item.original)].filter(Boolean).join(" ") || undefined}
              onKeyDown={(event) => open(event, item.original)}
              onClick={({ target }) => {
                if (onOpen && !(target as Element).closest("a, button, input, select, label")) onOpen(item.original);
              }}
            >
              {onSelect && (
                <td role="cell" className="select">
                  <input
                    type="checkbox"
                    aria-label={`Select ${rowName?.(item.original) ?? item.id}`}
                    checked={Boolean(selected?.has(item.id))}
                    onChange={() => onSelect(toggled(selected, item.id))}
                  />
                </td>
              )}
              {item.getVisibleCells().map((cell) => (
                <td
                  key={cell.id}
                  role="cell"
                  data-label={String(cell.column.columnDef.header)}
                  className={classes(cell.column.columnDef.meta)}
                >
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const classes = (meta?: { numeric?: boolean; wide?: boolean }): string | undefined =>
  [meta?.numeric && "numeric", meta?.wide && "wide"].filter(Boolean).join(" ") || undefined;

function Order({ sorting, id }: { sorting: readonly SortBy[]; id: string }) {
  const place = sorting.findIndex((by) => by.id === id);
  return (
    <span className="order" aria-hidden="true">
      {place < 0 ? "" : sorting[place]?.desc ? "▼" : "▲"}
      {place >= 0 && sorting.length > 1 && <sub>{place + 1}</sub>}
    </span>
  );
}

/** Move the focus from row to row. */
function step(body: HTMLTableSectionElement | null, by: number): void {
  const rows = [...(body?.querySelectorAll<HTMLTableRowElement>(":scope > tr.opens") ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]?.focus();
}
