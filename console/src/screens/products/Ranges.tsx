import { useSearch } from "../../url/location";
import { RANGES } from "./filters";

/** Least and most of each figure, all of one day's; what is entered holds when the field is left or Enter is pressed. */
export function Ranges() {
  const [search, setSearch] = useSearch();
  return (
    <fieldset className="ranges">
      <legend>Figures, from and to</legend>
      {Object.entries(RANGES)
        .filter(([field]) => field !== "as_of")
        .map(([field, { label, unit }]) => (
          <div key={field} className="range" role="group" aria-label={label}>
            <span>{unit === "percent" ? `${label}, %` : unit === "days" ? `${label}, days` : label}</span>
            {(["min", "max"] as const).map((end) => {
              const name = `${end}_${field}`;
              const value = shown(search.get(name), unit);
              return (
                <input
                  key={`${name} ${value}`}
                  aria-label={`${label} ${end === "min" ? "from" : "to"}`}
                  type={unit === "date" ? "date" : "number"}
                  step="any"
                  defaultValue={value}
                  onBlur={({ target }) => setSearch({ [name]: asked(target.value, unit), page: null })}
                  onKeyDown={({ key, currentTarget }) => {
                    if (key === "Enter") setSearch({ [name]: asked(currentTarget.value, unit), page: null });
                  }}
                />
              );
            })}
          </div>
        ))}
    </fieldset>
  );
}

/** A share is entered in percent, and stands as a share in the address. */
const shown = (text: string | null, unit: string): string =>
  text === null ? "" : unit === "percent" && text !== "" ? String(rounded(Number(text) * 100)) : text;
const asked = (text: string, unit: string): string =>
  unit === "percent" && text !== "" ? String(rounded(Number(text) / 100)) : text;
const rounded = (number: number): number => Math.round(number * 1e6) / 1e6;
