import type { UpliftIntervalView } from "stockcast-client";
import { useFormats } from "../../format/useFormats";
import { signed } from "./verdict";

/** The difference and its range on a line with 0, as the text beside it says it. */
export function IntervalBar({ value, interval: { low, high } }: { value: number; interval: UpliftIntervalView }) {
  const formats = useFormats();
  const from = Math.min(0, low);
  const to = Math.max(0, high);
  const place = (units: number) => (to === from ? 50 : ((units - from) / (to - from)) * 100);
  return (
    <div className="interval" aria-hidden="true">
      <div className="interval-line">
        <span className="interval-range" style={{ left: `${place(low)}%`, width: `${place(high) - place(low)}%` }} />
        <span className="interval-zero" style={{ left: `${place(0)}%` }} />
        <span className="interval-point" style={{ left: `${place(value)}%` }} />
      </div>
      <div className="interval-labels">
        <span>{signed(from, formats)} units</span>
        <span>{signed(to, formats)} units</span>
      </div>
    </div>
  );
}
