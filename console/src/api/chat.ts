import { askQuestion, type ChatBody } from "stockcast-client";
import { call } from "./client";

export const ask = (body: ChatBody) => call(askQuestion({ body }));
