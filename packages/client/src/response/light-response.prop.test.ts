import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeaderList } from "../headers/header-list.js";
import { lightResponse } from "./light-response.js";

/** UTF-8 with what is wrong in it, in pieces that can come anywhere: cut sequences, surrogates, overlong forms, marks. */
const piece = fc.constantFrom(
  ...[
    "7b7d",
    "61",
    "c3a9",
    "c3",
    "e282ac",
    "e282",
    "f09f9880",
    "f09f98",
    "eda080",
    "c0af",
    "ff",
    "efbbbf",
    "00",
  ],
);
const bytes = fc
  .oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(""), "hex")),
    fc.uint8Array({ maxLength: 24 }),
  )
  // A part of a larger memory, as bodies are.
  .map((one) => Buffer.concat([Buffer.from([0xc3]), one, Buffer.from([0xa9])]).subarray(1, one.length + 1));

describe("a light response", () => {
  // Not compared with `Response`: that of Node 20 takes off two marks, and the standard says one.
  it("gives the text that a decoder of the platform gives", async () => {
    await fc.assert(
      fc.asyncProperty(bytes, async (body) => {
        const light = lightResponse({ status: 200, statusText: "", headers: new HeaderList() }, body);
        expect(await light.text()).toBe(new TextDecoder().decode(body));
      }),
    );
  });
});
