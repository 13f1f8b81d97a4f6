import { useState } from "react";
import type { SavedSettings } from "stockcast-client";
import { queries } from "../../api/client";
import { toast } from "../../ui/toasts";

/**
 * The refresh that follows a change of settings, and what to do once one is saved. Forms begin anew with `version`, not
 * with each answer: what is half entered outlives somebody else's change.
 */
export function useSaved(): { refreshId: string | null; version: number; saved: (answer: SavedSettings) => void } {
  const [refreshId, setRefreshId] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  return {
    refreshId,
    version,
    saved: ({ operation }) => {
      setRefreshId(operation?.id ?? null);
      toast("Saved. Lists go by it from now on.");
      queries.invalidateQueries({ queryKey: ["settings"] }).then(() => setVersion((number) => number + 1));
      queries.invalidateQueries({ predicate: ({ queryKey: [resource] }) => resource !== "settings" });
    },
  };
}
