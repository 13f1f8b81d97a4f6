import type { OperationStatus as Status } from "stockcast-client";
import { Badge, type Tone } from "../../ui/Status";

const NAMES: Record<Status, string> = {
  pending: "Waiting",
  running: "At work",
  succeeded: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

const TONES: Record<Status, Tone> = {
  pending: "info",
  running: "info",
  succeeded: "good",
  failed: "bad",
  cancelled: "quiet",
};

export const OperationStatus = ({ status }: { status: Status }) => <Badge tone={TONES[status]}>{NAMES[status]}</Badge>;
