/** Server-sent events out of a response: EventSource itself cannot send a token. */

export interface ServerEvent {
  id: string | null;
  event: string;
  data: string;
}

/** The events of a stream, as they come; lines that begin with a colon are heartbeats. */
export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      text += value.replaceAll("\r\n", "\n");
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = parsed(text.slice(0, end));
        text = text.slice(end + 2);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(block: string): ServerEvent | null {
  let id: string | null = null;
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === "id") id = value ?? "";
    else if (field === "event") event = value ?? "";
    else if (field === "data") data.push(value ?? "");
  }
  return data.length ? { id, event, data: data.join("\n") } : null;
}
