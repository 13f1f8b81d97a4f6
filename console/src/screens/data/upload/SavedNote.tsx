import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ImportKind, MappingView } from "stockcast-client";
import { forgetMapping } from "../../../api/imports";
import { useFormats } from "../../../format/useFormats";
import { Button } from "../../../ui/Button";
import { toast, toastError } from "../../../ui/toasts";
import { exclusionsOf, type Reading } from "./reading";

interface Props {
  kind: ImportKind;
  saved: MappingView;
  reading: Reading;
  onSay: (said: Partial<Reading>) => void;
}

/** Files of this kind are read as it was saved, unless it is left aside. */
export function SavedNote({ kind, saved, reading, onSay }: Props) {
  const { dateTime } = useFormats();
  const queries = useQueryClient();
  const forgetting = useMutation({
    mutationFn: () => forgetMapping(kind, saved),
    onSuccess: () => {
      toast("The saved mapping is forgotten: files are read by the names of their columns again.");
      queries.invalidateQueries({ queryKey: ["mappings"] });
    },
    onError: toastError,
  });
  const excluded = exclusionsOf(saved)?.length ?? 0;
  const when = saved.updated_at ? ` on ${dateTime(saved.updated_at)}` : "";
  return (
    <div className="note saved-note">
      <p>
        {reading.ignoreSaved
          ? "The saved mapping is left aside for this file."
          : `Files of this kind are read by the mapping that was saved${when}.`}
        {!reading.ignoreSaved && excluded > 0 && ` ${excluded} rules leave records out.`}
      </p>
      <div className="row">
        <Button onClick={() => onSay({ ignoreSaved: !reading.ignoreSaved, mapping: undefined })}>
          {reading.ignoreSaved ? "Use it" : "Leave it aside"}
        </Button>
        <Button kind="quiet" busy={forgetting.isPending} onClick={() => forgetting.mutate()}>
          Forget it
        </Button>
      </div>
    </div>
  );
}
