import { useQuery } from "@tanstack/react-query";
import { hasEnded } from "stockcast-client/operations";
import { operation } from "../../api/operations";

/** How far the refresh is that brings stored figures in line with the settings. */
export function Refresh({ id }: { id: string }) {
  const { data, error } = useQuery(operation(id));
  if (error) return <p className="note">Trends follow; how far they are cannot be read right now.</p>;
  if (!data || !hasEnded(data)) {
    const total = data?.progress.total ?? null;
    return (
      <div className="note progress" role="status">
        <span>
          Lists go by the new settings already. Stored figures and trends follow
          {data?.step ? `: ${data.step}` : ""}.
        </span>
        <progress
          max={total ?? undefined}
          value={total === null ? undefined : data?.progress.done}
          aria-label="Refresh"
        />
      </div>
    );
  }
  if (data.status === "succeeded") {
    return (
      <p className="note" role="status">
        All figures and trends go by the new settings.
      </p>
    );
  }
  return (
    <p className="note error" role="alert">
      The settings are saved and lists go by them, but stored figures could not be brought in line:{" "}
      {data.error?.detail ?? "the refresh was cancelled"}. The nightly run does it again.
    </p>
  );
}
