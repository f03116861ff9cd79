import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { often, runs } from "../runs.reference.js";
import { createEventStreamFilter } from "./event-stream.js";
import { filterJson, type JsonFilter } from "./filter-json.js";
import { filterByReference } from "./filter-json.reference.js";
import { createJsonLinesFilter } from "./json-lines.js";
import { documents } from "./random-documents.reference.js";
import { anyOperations, type OperationPair, stageOf } from "./random-stages.reference.js";
import { eventStreamByReference, jsonLinesByReference, type ReferenceStream } from "./streams.reference.js";

const MAX_BYTES = 600;
const limits = { maxJsonDepth: 512, maxScalarBytes: 1024, maxFilterBufferBytes: MAX_BYTES };

const stages = fc.array(fc.array(anyOperations, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 2,
});
const places = fc.array(fc.nat(), { maxLength: 12 });

/** Mostly JSON, but for what a stream may hold instead of it. */
const someText = fc.oneof(
  { weight: 12, arbitrary: documents },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "[DONE]",
      "[DONE] ",
      "{",
      '{"a":1}{"b":2}',
      "hello",
      "\ufeff{}",
      "x".repeat(MAX_BYTES + 1),
    ),
  },
);

const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const otherLine = fc.constantFrom(
  ...[
    ":",
    ": a comment",
    `:${"long ".repeat(80)}`,
    "id: 7",
    "id",
    "id:",
    "id: a b",
    "event: message",
    "event:x.y:z-_",
  ],
  ...[
    "event:  two",
    "event: 😀",
    "retry: 10",
    "retry:",
    "retry: 1s",
    "retry",
    "datum: 1",
    "data2: {}",
    " data: {}",
    "DATA: {}",
  ],
  ...["id: \u0000", "idea: 1", "", `event: ${"x".repeat(256)}`, `event: ${"x".repeat(257)}`],
);
const dataLines = fc
  .tuple(someText, fc.constantFrom("data:", "data: ", "data: "))
  .map(([text, begin]) => text.split(/\r\n|\r|\n/).map((line) => (line === "" ? "data" : begin + line)));

const event = fc
  .tuple(
    fc.array(otherLine, { maxLength: 2 }),
    fc.oneof(dataLines, fc.constant([])),
    fc.array(otherLine, { maxLength: 2 }),
  )
  .map(([before, data, after]) => [...before, ...data, ...after, ""]);

/** A text, the end of its last line perhaps missing. */
function linesOf(lines: fc.Arbitrary<readonly string[]>): fc.Arbitrary<string> {
  return lines.chain((all) =>
    fc
      .tuple(
        fc.array(lineEnd, { minLength: all.length, maxLength: all.length }),
        fc.nat(4),
        fc.constantFrom("", "", "\ufeff"),
      )
      .map(([ends, cut, mark]) => {
        const text = mark + all.map((line, index) => line + ends[index]).join("");
        return text.slice(0, text.length - cut);
      }),
  );
}

const eventStreams = linesOf(fc.array(event, { maxLength: 5 }).map((events) => events.flat()));
const jsonLines = fc
  .tuple(
    fc.array(fc.tuple(someText, fc.constantFrom("\n", "\r\n", "\n\n", "\r\n\r\n")), { maxLength: 5 }),
    fc.nat(2),
  )
  .map(([lines, cut]) => {
    const text = lines.map(([line, end]) => line.replace(/\r?\n/g, " ") + end).join("");
    return text.slice(0, text.length - cut);
  });

/** Half a surrogate pair cannot be sent as UTF-8. */
const sendable = (text: string) => decodeUtf8(toUtf8(text)) ?? "";

interface Result {
  readonly text: string;
  readonly reason: string | undefined;
  readonly receipts: readonly { readonly nodes: number; readonly paths: readonly string[] }[];
}

function run(filter: JsonFilter, pieces: readonly Uint8Array[]): Result {
  const out: number[] = [];
  let reason: string | undefined;
  for (const step of [...pieces.map((piece) => () => filter.write(piece)), () => filter.end()]) {
    const given = step();
    if (reason === undefined) out.push(...(given.bytes ?? []));
    else expect(given).toEqual({ ok: false, reason });
    if (!given.ok) reason = given.reason;
  }
  const receipts = filter.receipts().map(({ nodes, paths }) => ({ nodes, paths }));
  return { text: decodeUtf8(Uint8Array.from(out)) ?? "not UTF-8", reason, receipts };
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const bounds = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return bounds.slice(1).map((bound, index) => bytes.slice(bounds[index], bound));
}

describe.each([
  ["an event stream", createEventStreamFilter, eventStreams, eventStreamByReference],
  ["a stream of JSON lines", createJsonLinesFilter, jsonLines, jsonLinesByReference],
] as const)("%s", (_, create, texts, byReference) => {
  const filtered = (text: string, pairs: OperationPair[][], at: readonly number[]) =>
    run(create(pairs.map(stageOf), limits), cut(toUtf8(text), at));

  it("is what the naive twin makes of the whole text, wherever it is cut", () => {
    const seen = { whole: 0, withheld: 0, changed: 0 };
    fc.assert(
      fc.property(texts, stages, places, (given, pairs, at) => {
        const text = sendable(given);
        const nodes: number[] = [];
        const expected: ReferenceStream = byReference(
          text,
          (one) => {
            const left = filterByReference(
              one.replace(/^\ufeff/, ""),
              pairs.map((stage) => stage.map(({ reference }) => reference)),
            );
            for (const [index, receipt] of left?.receipts.entries() ?? [])
              nodes[index] = (nodes[index] ?? 0) + receipt.nodes;
            return left?.text;
          },
          MAX_BYTES,
        );
        const actual = filtered(text, pairs, at);
        expect({ text: actual.text, isWhole: actual.reason === undefined }).toEqual(expected);
        expect(actual.receipts.map((one) => one.nodes)).toEqual(
          pairs.flat().map((_pair, index) => nodes[index] ?? 0),
        );
        seen[expected.isWhole ? "whole" : "withheld"]++;
        if (expected.text !== text) seen.changed++;
      }),
      { numRuns: runs(1000) },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(often(150));
  });

  it("does not depend on where it is cut, a byte at a time included", () => {
    fc.assert(
      fc.property(texts, stages, places, (text, pairs, at) => {
        const whole = filtered(text, pairs, []);
        expect(filtered(text, pairs, at)).toEqual(whole);
        const each = Array.from({ length: toUtf8(text).length }, (_byte, index) => index);
        expect(filtered(text, pairs, each)).toEqual(whole);
      }),
      { numRuns: runs(200) },
    );
  });

  it("is never answered with an exception, whatever the bytes", () => {
    const soup = fc.array(fc.constantFrom("data:", "\r", "\n", "{}", ":", " ", "id", "[", "]", "\ufeff"), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          soup.map((list) => toUtf8(list.join(""))),
        ),
        stages,
        places,
        (bytes, pairs, at) => {
          const whole = run(create(pairs.map(stageOf), limits), [bytes]);
          expect(run(create(pairs.map(stageOf), limits), cut(bytes, at))).toEqual(whole);
        },
      ),
      { numRuns: runs(1000) },
    );
  });

  it("means nothing else when it is filtered again without operations", () => {
    fc.assert(
      fc.property(texts, stages, (text, pairs) => {
        const once = filtered(text, pairs, []).text;
        // A field gets a space after its colon, so what came out may be longer.
        const wide = { ...limits, maxFilterBufferBytes: 2 * MAX_BYTES };
        expect(run(create([], wide), [toUtf8(once)]).text).toBe(once);
      }),
    );
  });
});

describe("the events that a client reads", () => {
  it("are those that came in, each with its data filtered and no field that may not pass", () => {
    let read = 0;
    fc.assert(
      fc.property(eventStreams, stages, (given, pairs) => {
        const text = sendable(given);
        const { text: left, reason } = run(createEventStreamFilter(pairs.map(stageOf), limits), [
          toUtf8(text),
        ]);
        const filter = (data: string) => {
          if (data === "" || data === "[DONE]") return data;
          const result = filterJson(toUtf8(data), pairs.map(stageOf), limits);
          return result.ok ? decodeUtf8(result.bytes) : undefined;
        };
        const expected = eventsOf(text).map((one) => ({ ...one, data: filter(one.data) }));
        const actual = eventsOf(left);
        read += actual.length;
        expect(actual).toEqual(reason === undefined ? expected : expected.slice(0, actual.length));
      }),
      { numRuns: runs(1000) },
    );
    expect(read).toBeGreaterThan(often(400));
  });
});

interface Event {
  readonly type: string;
  readonly id: string;
  readonly data: string;
}

/** The events of a stream as the HTML standard reads them, from the fields that may pass. */
function eventsOf(text: string): Event[] {
  const events: Event[] = [];
  let [type, id, data] = ["", "", [] as string[]];
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    const [, name, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    const isPlain = /^[\w.:-]{0,256}$/.test(value);
    if (line === "") {
      if (data.length > 0) events.push({ type, id, data: data.join("\n") });
      [type, data] = ["", []];
    } else if (name === "data") data.push(value);
    else if (name === "event" && isPlain) type = value;
    else if (name === "id" && isPlain) id = value;
  }
  return events;
}
