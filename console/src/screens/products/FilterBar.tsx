import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { categories } from "../../api/products";
import { useFormats } from "../../format/useFormats";
import { CheckField, SelectField } from "../../ui/Field";
import { Popover } from "../../ui/Popover";
import { statusName } from "../../ui/Status";
import { useSearch } from "../../url/location";
import { Choices, type Option } from "./Choices";
import { ALERTS, LIFECYCLES, type Names, queryOf } from "./filters";
import { Ranges } from "./Ranges";

const STATUSES = ["understocked", "overstocked", "dead_stock", "normal"] as const;

interface Props {
  names: Names;
  /** Names of suppliers and locations are wanted. */
  onOpen: () => void;
}

/** The filters that one may set, each kind behind a button that says how many of it are set. */
export function FilterBar({ names, onOpen }: Props) {
  const [search, setSearch] = useSearch();
  const { count } = useFormats();
  const [counted, setCounted] = useState(false);
  const found = useQuery({ ...categories(queryOf(search, NOT_COUNTED)), enabled: counted });
  const choose = (name: string) => (values: readonly string[]) => setSearch({ [name]: values, page: null });
  const choices = (name: string, label: string, options: readonly Option[] | undefined) => (
    <Choices label={label} options={options} chosen={search.getAll(name)} onChoose={choose(name)} />
  );
  const set = (...filters: string[]): string => {
    const number = filters.reduce((sum, name) => sum + search.getAll(name).filter(Boolean).length, 0);
    return number ? ` (${number})` : "";
  };
  const more = [...search.keys()].filter((name) => /^(min|max)_/.test(name) || MORE.includes(name));
  return (
    <>
      <Popover className="button" label={`Status${set("status")}`}>
        {choices(
          "status",
          "Status",
          STATUSES.map((value) => ({ value, text: statusName(value) })),
        )}
      </Popover>
      <Popover className="button" label={`Category${set("category")}`} onOpen={() => setCounted(true)}>
        {choices(
          "category",
          "Category",
          found.data?.items.map((item) => ({ value: item.category, text: item.category, note: count(item.count) })),
        )}
      </Popover>
      <Popover className="button" label={`Supplier${set("supplier_id")}`} onOpen={onOpen}>
        {choices("supplier_id", "Supplier", options(names.suppliers))}
      </Popover>
      <Popover className="button" label={`Location${set("location_id")}`} onOpen={onOpen}>
        {choices("location_id", "Location", options(names.locations))}
      </Popover>
      <Popover className="button" label={`More filters${set(...more)}`}>
        <div className="more-filters">
          <div className="filter-columns">
            {choices(
              "lifecycle",
              "Lifecycle",
              Object.entries(LIFECYCLES).map(([value, text]) => ({ value, text })),
            )}
            {choices("abc", "ABC", [..."ABC"].map(letter))}
            {choices("xyz", "XYZ", [..."XYZ"].map(letter))}
          </div>
          <SelectField
            label="Alert"
            value={search.get("alert") ?? ""}
            onChange={({ target }) => setSearch({ alert: target.value, page: null })}
          >
            <option value="">Any or none</option>
            {Object.entries(ALERTS).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </SelectField>
          <div>
            {FLAGS.map(([name, label]) => (
              <CheckField
                key={name}
                label={label}
                checked={search.get(name) === "true"}
                onChange={({ target }) => setSearch({ [name]: target.checked || null, page: null })}
              />
            ))}
          </div>
          <Ranges />
        </div>
      </Popover>
    </>
  );
}

const FLAGS = [
  ["needs_review", "Needs review"],
  ["do_not_order", "Not to be ordered"],
] as const;
const MORE: readonly string[] = ["lifecycle", "abc", "xyz", "alert", "needs_review", "do_not_order"];
/** Categories are counted whichever of them are chosen, in whatever order the list is. */
const NOT_COUNTED = ["category", "page", "page_size", "sort", "order"];

const letter = (value: string): Option => ({ value, text: value });

const options = (names: ReadonlyMap<string, string>): Option[] | undefined =>
  names.size ? [...names].map(([value, text]) => ({ value, text })) : undefined;
