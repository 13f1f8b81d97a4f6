import { Button } from "../../../ui/Button";
import { useSearch } from "../../../url/location";
import { DailyRuns } from "./DailyRuns";
import { ImportRun } from "./ImportRun";
import { Imports } from "./Imports";

/** What was read, when, and how it went: daily runs, and imports of single files and sources. */
export function Runs() {
  const [search, setSearch] = useSearch();
  const run = search.get("run");
  if (run) {
    return (
      <>
        <div className="row">
          <Button onClick={() => setSearch({ run: null })}>Back to all runs</Button>
        </div>
        <ImportRun runId={run} />
      </>
    );
  }
  return (
    <>
      <DailyRuns />
      <Imports />
    </>
  );
}
