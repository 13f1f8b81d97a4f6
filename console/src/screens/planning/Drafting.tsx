import { createContext, useContext } from "react";
import type { Suggestion } from "stockcast-client";
import type { Drafts } from "./drafts";

export interface Drafting {
  drafts: Drafts;
  /** A quantity was entered in the place of the suggested one. */
  enter: (line: Suggestion, supplierId: string, text: string) => void;
  /** A line is not to be ordered now. */
  putOff: (line: Suggestion) => void;
  placeName: (locationId: string) => string;
}

const Context = createContext<Drafting | null>(null);

/** What is entered on the screen, for its lines: cells of a table are kept while one types in them. */
export const DraftingProvider = Context.Provider;

export function useDrafting(): Drafting {
  const value = useContext(Context);
  if (!value) throw new Error("useDrafting is called outside of the lines");
  return value;
}
