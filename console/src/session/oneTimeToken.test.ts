import { expect, it } from "vitest";
import { tokenOf } from "./oneTimeToken";

it.each([
  ["#token=abc", "abc"],
  ["https://x.example/welcome#token=a%2Bb%2Fc%3D", "a+b/c="],
  [" abc ", "abc"],
  ["", null],
  ["#refresh_token=abc", null],
])("the token of %j is %j", (text, token) => expect(tokenOf(text)).toBe(token));
