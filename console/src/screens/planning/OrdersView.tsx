import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { suggestions } from "../../api/planning";
import { Empty, QueryView } from "../../ui/QueryView";
import { Link } from "../../url/Link";
import { href, useSearch } from "../../url/location";
import { isFiltered, suggestionsQuery } from "./address";
import { BudgetField, BudgetOutcome } from "./Budget";
import { Filters } from "./Filters";
import { Suppliers } from "./Suppliers";

/** The lines that an order is due for, by supplier; filters and pages are those of the address. */
export function OrdersView() {
  const [search] = useSearch();
  const query = useMemo(() => suggestionsQuery(search), [search]);
  const list = useQuery(suggestions(query));
  return (
    <>
      <div className="planning-controls">
        <Filters />
        <BudgetField />
      </div>
      <QueryView query={list} height="60rem">
        {(data) => (
          <>
            {data.budget && <BudgetOutcome budget={data.budget} lines={data.totals.lines} />}
            {data.total > 0 ? (
              <Suppliers suggestions={data} query={query} />
            ) : isFiltered(search) ? (
              <Empty title="Nothing under these filters is to be ordered now.">
                <Link to="/planning">All that is to be ordered</Link>
              </Empty>
            ) : (
              <Empty title="Nothing is to be ordered now.">
                Stock and what is on its way cover what is expected to sell.{" "}
                <Link to={href("/products", { sort: "dir" })}>What runs out first</Link>
              </Empty>
            )}
          </>
        )}
      </QueryView>
    </>
  );
}
