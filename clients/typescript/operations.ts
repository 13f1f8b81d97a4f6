/** Long work: it is answered with an operation, which is asked for until it has ended. */
import { getOperation, type OperationView } from "./src/index.js";

const ENDED: readonly OperationView["status"][] = ["succeeded", "failed", "cancelled"];

export const hasEnded = ({ status }: Pick<OperationView, "status">): boolean => ENDED.includes(status);

/** The operation once it has ended, asked for every `everyMs` milliseconds. */
export async function finished(operation: OperationView, everyMs = 1000): Promise<OperationView> {
  while (!hasEnded(operation)) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    operation = (await getOperation({ path: { operation_id: operation.id }, throwOnError: true })).data;
  }
  return operation;
}
