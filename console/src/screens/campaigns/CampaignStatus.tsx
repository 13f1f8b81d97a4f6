import type { CampaignStatus as Value } from "stockcast-client";
import { Badge, type Tone } from "../../ui/Status";

export const STATUSES: Record<Value, [string, Tone]> = {
  planned: ["Planned", "info"],
  running: ["Running", "good"],
  ended: ["Ended", "quiet"],
};

export const CampaignStatus = ({ status }: { status: Value }) => (
  <Badge tone={STATUSES[status][1]}>{STATUSES[status][0]}</Badge>
);
