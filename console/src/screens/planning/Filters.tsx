import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { locations } from "../../api/locations";
import { categories } from "../../api/products";
import { supplierNames } from "../../api/suppliers";
import { useFormats } from "../../format/useFormats";
import { Button } from "../../ui/Button";
import { SelectField } from "../../ui/Field";
import { useSearch } from "../../url/location";
import { FILTERS, isFiltered } from "./address";

interface Choice {
  value: string;
  label: string;
}

interface ChoiceProps {
  /** The parameter of the address. */
  name: string;
  label: string;
  /** What no choice means. */
  all: string;
  choices: readonly Choice[];
}

/** One value of a parameter, chosen from a list; an address may have others, or several. */
export function ChoiceFilter({ name, label, all, choices }: ChoiceProps) {
  const [search, setSearch] = useSearch();
  const chosen = search.getAll(name);
  const value = chosen.join("\n");
  const known = chosen.length === 0 || (chosen.length === 1 && choices.some((choice) => choice.value === value));
  return (
    <SelectField label={label} value={value} onChange={({ target }) => setSearch({ [name]: target.value, page: null })}>
      <option value="">{all}</option>
      {!known && <option value={value}>{chosen.join(", ")}</option>}
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </SelectField>
  );
}

const byLabel = (choices: Choice[]): Choice[] => choices.sort((a, b) => a.label.localeCompare(b.label));

export function useLocationChoices(): Choice[] {
  const { data } = useQuery(locations());
  return byLabel((data?.items ?? []).map(({ location_id, name }) => ({ value: location_id, label: name })));
}

/** What each location is called. */
export function usePlaceNames(): ReadonlyMap<string, string> {
  const { data } = useQuery(locations());
  return useMemo(() => new Map((data?.items ?? []).map(({ location_id, name }) => [location_id, name])), [data]);
}

export function useCategoryChoices(): Choice[] {
  const { data } = useQuery(categories());
  return (data?.items ?? []).map(({ category }) => ({ value: category, label: category }));
}

function useSupplierChoices(): Choice[] {
  const { data } = useQuery(supplierNames());
  return byLabel((data?.items ?? []).map(({ supplier_id, name }) => ({ value: supplier_id, label: name })));
}

const RISKS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** What the suggestions are narrowed to. */
export function Filters() {
  const [search, setSearch] = useSearch();
  const { percent, count } = useFormats();
  const top = search.get("top");
  return (
    <div className="row filters">
      <ChoiceFilter name="supplier_id" label="Supplier" all="All suppliers" choices={useSupplierChoices()} />
      <ChoiceFilter name="category" label="Category" all="All categories" choices={useCategoryChoices()} />
      <ChoiceFilter name="location_id" label="Location" all="All together" choices={useLocationChoices()} />
      <ChoiceFilter
        name="min_risk"
        label="Stockout risk"
        all="Any"
        choices={RISKS.map((risk) => ({ value: String(risk), label: `${percent(risk)} and more` }))}
      />
      {top && (
        <Button kind="quiet" onClick={() => setSearch({ top: null, page: null })}>
          Only the first {count(Number(top))} lines: show all
        </Button>
      )}
      {isFiltered(search) && (
        <Button
          kind="quiet"
          onClick={() => setSearch({ ...Object.fromEntries(FILTERS.map((name) => [name, null])), page: null })}
        >
          Clear filters
        </Button>
      )}
    </div>
  );
}
