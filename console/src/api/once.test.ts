import { describe, expect, it } from "vitest";
import { ApiError } from "./client";
import { once } from "./once";

const problem = (status: number, code: string) => ({
  status,
  code,
  detail: "",
  errors: [],
  title: "",
  trace_id: "",
  type: "about:blank",
});

/** Send the intent; the key that it went with. */
async function keyOf(intent: unknown, failure?: Error): Promise<string> {
  let sent = "";
  await once(intent, async ({ "Idempotency-Key": key }) => {
    sent = key;
    if (failure) throw failure;
  }).catch((error: unknown) => expect(error).toBe(failure));
  return sent;
}

describe("a request that creates", () => {
  it("keeps its key until it is answered", async () => {
    const first = await keyOf(["add", "A"], new ApiError("The server cannot be reached."));
    const again = await keyOf(["add", "A"], new ApiError("", problem(503, "backend_unavailable")));
    const running = await keyOf(["add", "A"], new ApiError("", problem(409, "request_in_progress")));
    expect([again, running, await keyOf(["add", "A"])]).toEqual([first, first, first]);
    expect(await keyOf(["add", "A"])).not.toBe(first);
  });

  it("has another key than one that asks for something else", async () => {
    const first = await keyOf(["add", "A", 1], new ApiError("The server cannot be reached."));
    expect(await keyOf(["add", "A", 2])).not.toBe(first);
  });

  it("is a new one once it was refused", async () => {
    const first = await keyOf(["add", "B"], new ApiError("", problem(422, "below_moq")));
    expect(await keyOf(["add", "B"])).not.toBe(first);
  });
});
