import "./recommendations.css";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Recommendation, RecommendationType, Role } from "stockcast-client";
import { locations } from "../../api/locations";
import { addSuggestions, cartChanged } from "../../api/planning";
import { dismiss, type RecommendationsQuery, recommendations, restore } from "../../api/recommendations";
import { useFormats } from "../../format/useFormats";
import { useMay, useRole } from "../../session/session";
import { Button } from "../../ui/Button";
import { CheckField, SelectField } from "../../ui/Field";
import { Page } from "../../ui/Page";
import { Pager } from "../../ui/Pager";
import { Empty, QueryView } from "../../ui/QueryView";
import { toggled } from "../../ui/selection";
import { toast, toastError } from "../../ui/toasts";
import { useSearch } from "../../url/location";
import { picked } from "../../url/picked";
import { Advice } from "./Advice";
import { TYPES } from "./types";

const PAGE_SIZE = 25;
const FILTERS = ["type", "role", "location_id", "include_dismissed", "page"];
/** The roles that are advised, and on what. */
const READERS: readonly [Role, string][] = [
  ["PROCUREMENT", "Procurement"],
  ["MARKETING", "Marketing"],
  ["CEO", "Executive"],
  ["ADMIN", "Administrator"],
];

/** One advice a product, the most money first: for one's own role, or as another sees it. */
export default function Recommendations() {
  const [search, setSearch] = useSearch();
  const { count, date } = useFormats();
  const role = useRole();
  const mayOrder = useMay("order");
  const mayDismiss = useMay("dismiss_recommendations");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = useQuery(recommendations({ page_size: PAGE_SIZE, ...picked(search, FILTERS) } as RecommendationsQuery));
  const places = useQuery(locations());
  const intoCart = useMutation({
    mutationFn: (ids: readonly string[]) => addSuggestions({ recommendations: [...ids] }),
    onSettled: () => cartChanged(),
    onSuccess: ({ added, already_in_cart, total_skipped }) => {
      setChosen(new Set());
      const rest = [
        already_in_cart && `${count(already_in_cart)} were in it already`,
        total_skipped && `${count(total_skipped)} cannot be ordered now`,
      ].filter(Boolean);
      toast(`${count(added)} added to the cart${rest.length ? `; ${rest.join(", ")}` : ""}`);
    },
    onError: toastError,
  });
  const putAside = async ({ id, product_name }: Recommendation, until: string | null) => {
    try {
      await dismiss(id, until, null);
      toast(`${product_name} is put aside${until ? ` until ${date(until)}` : ""}`, {
        undo: () => void restore(id).catch(toastError),
      });
    } catch (error) {
      toastError(error as Error);
    }
  };

  return (
    <Page
      title="Recommendations"
      note={list.data && `as of ${date(list.data.as_of)}`}
      actions={
        mayOrder && (
          <Button
            kind="primary"
            disabled={chosen.size === 0}
            busy={intoCart.isPending}
            onClick={() => intoCart.mutate([...chosen])}
          >
            Add to cart{chosen.size > 0 && ` (${chosen.size})`}
          </Button>
        )
      }
    >
      <div className="row filters">
        <SelectField
          label="For"
          value={search.get("role") ?? ""}
          onChange={({ target }) => setSearch({ role: target.value, type: null, page: null })}
        >
          <option value="">My role</option>
          {READERS.filter(([reader]) => reader !== role).map(([reader, name]) => (
            <option key={reader} value={reader}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="At"
          value={search.get("location_id") ?? ""}
          onChange={({ target }) => setSearch({ location_id: target.value, page: null })}
        >
          <option value="">All locations</option>
          {places.data?.items.map(({ location_id, name }) => (
            <option key={location_id} value={location_id}>
              {name}
            </option>
          ))}
        </SelectField>
        <CheckField
          label="Show what was put aside"
          checked={search.get("include_dismissed") === "true"}
          onChange={({ target }) => setSearch({ include_dismissed: target.checked || null, page: null })}
        />
      </div>
      <QueryView query={list} height="50rem">
        {({ items, counts, page, page_size, total }) => (
          <>
            <Types
              counts={counts as Partial<Record<RecommendationType, number>>}
              type={search.get("type")}
              onType={(type) => setSearch({ type, page: null })}
            />
            {total === 0 ? (
              <Empty title="There is nothing to act on here.">The figures are computed anew each night.</Empty>
            ) : (
              <ul className="advices">
                {items.map((advice) => (
                  <Advice
                    key={advice.id}
                    advice={advice}
                    chosen={chosen.has(advice.id)}
                    onChoose={mayOrder ? () => setChosen(toggled(chosen, advice.id)) : undefined}
                    onOrder={mayOrder ? () => intoCart.mutate([advice.id]) : undefined}
                    onDismiss={mayDismiss ? (until) => putAside(advice, until) : undefined}
                    onRestore={mayDismiss ? () => restore(advice.id).catch(toastError) : undefined}
                  />
                ))}
              </ul>
            )}
            <Pager
              page={page}
              pageSize={page_size}
              total={total}
              things="recommendations"
              onPage={(next) => setSearch({ page: next }, { push: true })}
            />
          </>
        )}
      </QueryView>
    </Page>
  );
}

interface TypesProps {
  counts: Partial<Record<RecommendationType, number>>;
  type: string | null;
  onType: (type: string | null) => void;
}

/** How many there are of each kind, to look at one kind alone. */
function Types({ counts, type, onType }: TypesProps) {
  const { count } = useFormats();
  return (
    <fieldset className="types">
      <legend className="visually-hidden">Kinds of recommendations</legend>
      <Button kind={type ? "quiet" : "plain"} aria-pressed={!type} onClick={() => onType(null)}>
        All
      </Button>
      {Object.entries(TYPES).map(([kind, { name }]) => {
        const number = counts[kind as RecommendationType];
        if (number === undefined) return null;
        return (
          <Button
            key={kind}
            kind={type === kind ? "plain" : "quiet"}
            aria-pressed={type === kind}
            onClick={() => onType(kind)}
          >
            {name} {count(number)}
          </Button>
        );
      })}
    </fieldset>
  );
}
