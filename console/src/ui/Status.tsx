import type { StockStatus } from "stockcast-client";

const NAMES: Record<StockStatus, string> = {
  understocked: "Understocked",
  overstocked: "Overstocked",
  dead_stock: "Dead stock",
  normal: "Normal",
};

export const statusName = (status: StockStatus): string => NAMES[status];

/** The status of stock, in words and a colour. */
export const Status = ({ status }: { status: StockStatus }) => <Badge tone={TONES[status]}>{NAMES[status]}</Badge>;

export type Tone = "bad" | "warn" | "good" | "quiet" | "info";

const TONES: Record<StockStatus, Tone> = {
  understocked: "bad",
  overstocked: "warn",
  dead_stock: "quiet",
  normal: "good",
};

export const Badge = ({ tone, children }: { tone: Tone; children: string }) => (
  <span className={`badge ${tone}`}>{children}</span>
);
