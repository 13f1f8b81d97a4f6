/** Entries of the audit log in words, and the fields that an entry changed. */
import type { AuditAction, AuditView } from "stockcast-client";
import { at } from "../../url/routes";

type Subject = AuditAction extends `${infer S}.${string}` ? S : never;

export const SUBJECTS: Record<Subject, string> = {
  purchase_order: "Orders",
  product_supplier: "Purchase terms",
  settings: "Settings",
  import_mapping: "Mappings of imports",
  stock_level: "Stock",
  source: "Sources",
  user: "Users",
  client: "The company",
  service_token: "Keys",
};

export const ACTIONS: Record<AuditAction, string> = {
  "purchase_order.created": "Placed an order",
  "purchase_order.changed": "Changed an order",
  "purchase_order.status_changed": "Set an order's status",
  "purchase_order.goods_received": "Received goods",
  "product_supplier.created": "Added purchase terms",
  "product_supplier.changed": "Changed purchase terms",
  "product_supplier.deleted": "Deleted purchase terms",
  "product_supplier.imported": "Imported purchase terms",
  "settings.changed": "Changed settings",
  "import_mapping.saved": "Saved a mapping",
  "import_mapping.deleted": "Deleted a mapping",
  "stock_level.corrected": "Corrected stock",
  "stock_level.received": "Received stock",
  "stock_level.transferred": "Transferred stock",
  "source.connected": "Connected a source",
  "source.changed": "Changed a source",
  "source.deleted": "Deleted a source",
  "user.created": "Added a user",
  "user.changed": "Changed a user",
  "user.deleted": "Deleted a user",
  "user.signed_in": "Signed in",
  "user.sign_in_refused": "Was refused to sign in",
  "user.signed_out": "Signed out",
  "client.created": "Opened the account",
  "client.changed": "Changed the company",
  "client.exported": "Exported all data",
  "service_token.created": "Made a key",
  "service_token.deleted": "Revoked a key",
};

export interface ChangedField {
  name: string;
  before: string;
  after: string;
}

/** Each field that was changed; what was not there, or is not any more, is a dash. Nested ones by their path. */
export function changedFields({ before, after }: Pick<AuditView, "before" | "after">): ChangedField[] {
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => old[name] !== now[name])
    .map((name) => ({ name: name.replaceAll("_", " "), before: old[name] ?? "–", after: now[name] ?? "–" }));
}

function flat(value: unknown, path = ""): Record<string, string> {
  if (value === null || value === undefined) return path ? { [path]: "–" } : {};
  if (typeof value !== "object" || (Array.isArray(value) && value.every((each) => typeof each !== "object"))) {
    return { [path]: Array.isArray(value) ? value.join(", ") || "none" : String(value) };
  }
  const parts = Object.entries(value).map(([name, part]) => {
    const step = Array.isArray(value) ? String(Number(name) + 1) : name;
    return flat(part, path ? `${path} · ${step}` : step);
  });
  return Object.assign({}, ...parts);
}

/** The screen of what was changed, where it has one. */
export function subjectLink({ subject, subject_id }: Pick<AuditView, "subject" | "subject_id">): string | null {
  if (subject === "purchase_order") return at("/orders", subject_id);
  if (subject === "settings") return "/settings";
  if (subject === "stock_level") return at("/products", subject_id);
  return null;
}
