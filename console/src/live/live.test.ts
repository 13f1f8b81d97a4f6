import { describe, expect, it } from "vitest";
import { concerns } from "./concerns";
import { eventsOf, type ServerEvent } from "./stream";

async function read(...chunks: string[]): Promise<ServerEvent[]> {
  const bytes = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes.encode(chunk));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of eventsOf(body)) events.push(event);
  return events;
}

describe("a stream", () => {
  it("is read however it is cut", async () =>
    expect(
      await read(": beat\n\nid: 7\nevent: ord", 'er\ndata: {"id": "é', '"}\n', "\nevent: cart\r\ndata: {}\r\n\r\n"),
    ).toEqual([
      { id: "7", event: "order", data: '{"id": "é"}' },
      { id: null, event: "cart", data: "{}" },
    ]));
  it("ends with what is whole", async () => expect(await read("event: cart\ndata: {}")).toEqual([]));
});

describe("an event", () => {
  const of = (event: string, data = "{}") => concerns({ id: null, event, data });
  it("of the catalog concerns the lists made of it", () => expect(of("catalog")).toContainEqual(["products"]));
  it("of an operation that goes on concerns it alone", () =>
    expect(of("operation", '{"status": "running"}')).not.toContainEqual(["validation"]));
  it("of one that has ended concerns what it has made", () =>
    expect(of("operation", '{"status": "succeeded"}')).toContainEqual(["validation"]));
  it("that says something was missed concerns all", () => expect(of("resync")).toBe("all"));
  it("that is not known concerns nothing", () => expect(of("hello")).toBeNull());
});
