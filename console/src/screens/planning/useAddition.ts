import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import type { AddedSuggestions, AddSuggestionsBody } from "stockcast-client";
import { addSuggestions, cartChanged } from "../../api/planning";
import { useFormats } from "../../format/useFormats";
import { toast, toastError } from "../../ui/toasts";
import { type Addition, type Drafts, draftsIn, problemOf, requestsFor, without } from "./drafts";
import { outcome } from "./outcome";

interface Adding {
  start: (addition: Addition) => void;
  pending: boolean;
}

/** Puts suggestions into the cart, in the quantities that were entered, and says what became of them. */
export function useAddition(
  filters: AddSuggestionsBody | null,
  drafts: Drafts,
  onAdded: (drafts: Drafts) => void,
): Adding {
  const { count } = useFormats();
  const latest = useRef(drafts);
  latest.current = drafts;
  const { mutate, isPending } = useMutation({
    mutationFn: async ({ requests }: { requests: AddSuggestionsBody[]; itemIds: string[] }) => {
      const answers: AddedSuggestions[] = [];
      for (const body of requests) answers.push(await addSuggestions(body));
      return answers;
    },
    onSuccess: (answers, { itemIds }) => {
      onAdded(without(latest.current, itemIds));
      toast(outcome(answers, count));
    },
    onError: toastError,
    onSettled: () => cartChanged(),
  });
  const start = (addition: Addition) => {
    const edited = draftsIn(addition, drafts);
    const wrong = edited.find(({ line }) => problemOf(line, drafts) !== null);
    if (wrong) {
      toast(`Nothing is added: the quantity of ${wrong.line.product_name} cannot be ordered.`, { tone: "bad" });
      return;
    }
    mutate({
      requests: requestsFor(addition, filters ?? {}, drafts),
      itemIds: edited.map(({ line }) => line.item_id),
    });
  };
  return { start, pending: isPending };
}
