import { useQuery } from "@tanstack/react-query";
import { sources } from "../../../api/sources";
import { useMay } from "../../../session/session";
import { Button } from "../../../ui/Button";
import { Empty, QueryView } from "../../../ui/QueryView";
import { useSearch } from "../../../url/location";
import { WhoMay } from "../WhoMay";
import { EditSource, NewSource } from "./EditSource";
import { SourceCard } from "./SourceCard";

/** The client's own databases that are read: how far, and how it went. */
export function Sources() {
  const may = useMay("import");
  const [search, setSearch] = useSearch();
  const list = useQuery(sources());
  const edited = search.get("source");
  const close = () => setSearch({ source: null, new: null });
  if (may && search.get("new")) return <NewSource onClose={close} />;
  if (may && edited) return <EditSource sourceId={edited} onClose={close} />;
  return (
    <>
      {may ? (
        <div className="row">
          <Button onClick={() => setSearch({ new: "1" }, { push: true })}>Connect a database</Button>
        </div>
      ) : (
        <WhoMay what="Connecting databases" />
      )}
      <QueryView query={list} height="24rem">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No database is connected.">
              A source is a database of yours (PostgreSQL, MySQL or BigQuery) that is read every night. Until there is
              one, upload files.
            </Empty>
          ) : (
            items.map((source) => (
              <SourceCard
                key={source.source_id}
                source={source}
                onEdit={() => setSearch({ source: source.source_id }, { push: true })}
              />
            ))
          )
        }
      </QueryView>
    </>
  );
}
