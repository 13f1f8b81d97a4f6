import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACTIONS, changedFields, SUBJECTS } from "./auditWords";
import { EVENTS, notificationsBody } from "./notificationsForm";
import { welcomeLink } from "./roles";
import { moved, rulesBody, rulesForm, toggledType } from "./rulesForm";

const document = JSON.parse(readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"));
const { AuditAction, NotificationEvent } = document.components.schemas;

describe("the audit log", () => {
  it("has words for each action and subject of the document", () => {
    expect(Object.keys(ACTIONS).sort()).toEqual([...AuditAction.enum].sort());
    expect(Object.keys(SUBJECTS).sort()).toEqual(
      [...new Set<string>(AuditAction.enum.map((action: string) => action.split(".")[0]))].sort(),
    );
  });
  it("shows each field that differs, nested ones by their path", () =>
    expect(
      changedFields({
        before: { status: "pending", expected_delivery_date: null, rules: { types: ["A", "B"], level: 1 } },
        after: { status: "confirmed", expected_delivery_date: null, rules: { types: ["A"], level: 1 }, note: "x" },
      }),
    ).toEqual([
      { name: "status", before: "pending", after: "confirmed" },
      { name: "rules · types", before: "A, B", after: "A" },
      { name: "note", before: "–", after: "x" },
    ]));
  it("shows what was made or deleted whole", () => {
    expect(changedFields({ before: null, after: { role: "CEO" } })).toEqual([
      { name: "role", before: "–", after: "CEO" },
    ]);
    expect(changedFields({ before: null, after: null })).toEqual([]);
  });
});

describe("rules of recommendations", () => {
  const rules = rulesForm({
    enabled_types: ["URGENT"],
    role_rules: { CEO: ["DEAD_STOCK", "URGENT"], VIEWER: [] },
    threshold_filters: { urgent_min_risk: 0.7, reduce_order_min_dir_days: 90, promote_min_dir_days: 30 },
  });
  it("are sent whole, with the order of each role, and none for a role that sees all", () =>
    expect(rulesBody(rules)).toEqual({
      enabled_types: ["URGENT"],
      role_rules: { CEO: ["DEAD_STOCK", "URGENT"], VIEWER: [] },
      threshold_filters: { urgent_min_risk: 0.7, reduce_order_min_dir_days: 90, promote_min_dir_days: 30 },
    }));
  it("are toggled and moved", () => {
    expect(toggledType(["PROMOTE"], "URGENT")).toEqual(["URGENT", "PROMOTE"]);
    expect(toggledType(["URGENT", "PROMOTE"], "URGENT")).toEqual(["PROMOTE"]);
    expect(moved(["URGENT", "PROMOTE", "REORDER"], 2)).toEqual(["URGENT", "REORDER", "PROMOTE"]);
  });
});

describe("notifications", () => {
  it("are those of the document", () => expect(Object.keys(EVENTS).sort()).toEqual([...NotificationEvent.enum].sort()));
  it("are sent whole", () =>
    expect(notificationsBody({ webhook_url: " ", secret: "", events: ["order.created", "run.failed"] })).toEqual({
      webhook_url: null,
      secret: null,
      events: ["run.failed", "order.created"],
    }));
});

it("a one-time token stands behind the # of its link", () =>
  expect(welcomeLink("a+b/c=", "https://x.example")).toBe("https://x.example/welcome#token=a%2Bb%2Fc%3D"));
