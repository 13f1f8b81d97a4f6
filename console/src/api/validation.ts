import { queryOptions } from "@tanstack/react-query";
import { getValidation, startValidation, type ValidationReport } from "stockcast-client";
import { ApiError, call } from "./client";

/** What is odd about the client's data; null: nothing has been looked at yet. */
export const validation = () =>
  queryOptions({
    queryKey: ["validation"],
    queryFn: async ({ signal }): Promise<ValidationReport | null> => {
      try {
        return await call(getValidation({ signal }));
      } catch (error) {
        if (error instanceof ApiError && error.problem?.code === "not_validated") return null;
        throw error;
      }
    },
  });

export const validateNow = (key: { "Idempotency-Key": string }) => call(startValidation({ headers: key }));
