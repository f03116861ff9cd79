import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { createEventStreamFilter } from "./event-stream.js";
import { MAX_RECEIPT_PATHS, type Stage } from "./filter-json.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024, maxFilterBufferBytes: 1024 };

const stage: Stage = {
  scope: "proxy",
  operations: [
    {
      effect: "destroy",
      pattern: compilePattern("\\.(ssn|k\\d+)$"),
      values: new Map(),
      filterId: "pii",
      entityId: "payroll",
      operationId: "operations/0",
    },
  ],
};

const begin = () => createEventStreamFilter([stage], limits);

/** What goes out after each piece, and at the end. */
function outputs(...pieces: string[]): (string | undefined)[] {
  const filter = begin();
  const given = [...pieces.map((piece) => filter.write(toUtf8(piece))), filter.end()];
  return given.map((one) => (one.ok ? decodeUtf8(one.bytes) : one.reason));
}

const filtered = (text: string) => [...new Set(outputs(text))].join("");

describe("an event", () => {
  it("goes out as soon as its blank line was read, with its data filtered", () => {
    expect(outputs('data: {"ssn":1,', '"a":2}\n', "\n", 'data: {"ssn":3}\n\n')).toEqual([
      "",
      "",
      'data: {"a":2}\n\n',
      "data: {}\n\n",
      "",
    ]);
  });

  it("may end its lines with LF, CR or CRLF, which may be split, and does not wait for the LF of a CR", () => {
    expect(outputs("data: 1\r", "\n\r", "\n", "data: 2\r\r", "data: 3\n", "\n")).toEqual([
      "",
      "data: 1\n\n",
      "",
      "data: 2\n\n",
      "",
      "data: 3\n\n",
      "",
    ]);
  });

  it("ends its lines where they end, whatever comes in pieces of its own", () => {
    const out = "data: [1,\ndata: 2]\n\n";
    expect(outputs("data: [1,\r", "", "\ndata: 2]\r\n", "\n")).toEqual(["", "", "", out, ""]);
    expect(outputs("data: [1,\rdata: 2]", "\n\n")).toEqual(["", out, ""]);
  });

  it("has its lines of data filtered as one document, and its lines stay lines", () => {
    expect(filtered('data: {\ndata:   "ssn": 1,\ndata:   "a": 2\ndata: }\n\n')).toBe(
      'data: {\ndata:   "a": 2\ndata: }\n\n',
    );
  });

  it("may leave out the space, which is not part of the data", () => {
    expect(filtered('data:{"a":1}\n\ndata:  {"a":1}\n\n')).toBe('data: {"a":1}\n\ndata:  {"a":1}\n\n');
  });

  it("keeps its other fields where they stand, if they say no more than a name or a number", () => {
    expect(filtered('event: message\ndata: {"ssn":1}\nid: 7-a\nretry: 3000\n\n')).toBe(
      "event: message\ndata: {}\nid: 7-a\nretry: 3000\n\n",
    );
  });

  it("loses fields that could carry anything, and fields that nobody knows", () => {
    const lines = [
      "event: my ssn is 1",
      "id: a/b",
      "retry: soon",
      "retry:",
      "note: 1",
      `id: ${"x".repeat(257)}`,
    ];
    expect(filtered(`${lines.join("\n")}\ndata: 1\n\n`)).toBe("data: 1\n\n");
  });

  it("passes without data, with empty data, and as `[DONE]`", () => {
    const text = "id: 1\n\nid: 2\ndata: \n\ndata: [DONE]\n\n\n";
    expect(filtered(text)).toBe(text);
  });

  it("that is not JSON ends the stream: what came before goes out, nothing of it or behind it does", () => {
    const filter = begin();
    const first = filter.write(toUtf8("data: 1\n\nevent: x\ndata: {hunter2\n\ndata: 2\n\n"));
    const reason = "event 2: the body is not JSON: a member's name is missing, near byte 2";
    expect(first).toEqual({ ok: false, reason, bytes: toUtf8("data: 1\n\n") });
    expect(filter.write(toUtf8("data: 3\n\n"))).toEqual({ ok: false, reason });
    expect(filter.end()).toEqual({ ok: false, reason });
  });
});

describe("the last event", () => {
  it("goes out without a blank line where it came without, filtered", () => {
    expect(outputs('data: {"ssn":1}\n')).toEqual(["", "data: {}\n"]);
    expect(outputs('data: {"ssn":1}')).toEqual(["", "data: {}"]);
    expect(outputs("id: 1\ndata: [DONE]\r")).toEqual(["", "id: 1\ndata: [DONE]\n"]);
    expect(outputs("id: 1")).toEqual(["", "id: 1"]);
    expect(outputs("data: 1\n: bye")).toEqual(["", "data: 1\n:"]);
    for (const line of ["unknown: 1", "note: 1", "id: a/b", `id: ${"x".repeat(257)}`]) {
      expect(outputs(`data: 1\n${line}`)).toEqual(["", "data: 1\n"]);
    }
  });

  it("ends the stream when it was cut off, and nothing of it goes out", () => {
    expect(outputs('id: 1\ndata: {"name":"Ann","ssn"')).toEqual([
      "",
      "event 1: the body is not JSON: the text ends too early, near byte 20",
    ]);
  });
});

describe("comments", () => {
  it("go out at once, and empty", () => {
    expect(outputs(": ssn 078-05", "-1120\n", "data: 1\n", ":\r", "\n\n")).toEqual([
      "",
      ":\n",
      "",
      ":\n",
      "data: 1\n\n",
      "",
    ]);
  });

  it("of any length need no room", () => {
    const filter = begin();
    for (let count = 0; count < 100; count++) filter.write(toUtf8(`:${"x".repeat(1000)}`));
    expect(filter.write(toUtf8("\n"))).toEqual({ ok: true, bytes: toUtf8(":\n") });
  });
});

describe("the size of an event", () => {
  const reason = "event 1: it is longer than `maxFilterBufferBytes`";
  const line = (length: number) => `data:"${"x".repeat(length - 7)}"`;

  it("counts its lines, not their ends and not comments", () => {
    expect(filtered(`: ${"x".repeat(2000)}\r\n${line(1024)}\r\n\r\n`)).toContain("data: ");
    expect(filtered(`${line(1025)}\n\n`)).toBe(reason);
    expect(filtered(`note: ${"x".repeat(1000)}\n${line(18)}\n\n`)).toContain("data: ");
    expect(filtered(`note: ${"x".repeat(1000)}\n${line(19)}\n\n`)).toBe(reason);
    expect(filtered(`${line(1024)}\n: bye`)).toMatch(/\n:$/);
  });

  it("begins anew with each event", () => {
    const text = `${line(1024)}\n\n`;
    expect(filtered(text + text)).toBe(`${text}${text}`.replaceAll("data:", "data: "));
  });

  it("is known before a line ends, and before the event does", () => {
    expect(outputs("data: ", "x".repeat(1018))[1]).toBe("");
    expect(outputs("data: ", "x".repeat(1019))[1]).toBe(reason);
    expect(outputs("data\n".repeat(257))[0]).toBe(reason);
  });
});

describe("a line of another field", () => {
  it("may be long, or have a long name, and is left out", () => {
    const wide = createEventStreamFilter([stage], { ...limits, maxFilterBufferBytes: 4_000_000 });
    const long = "x".repeat(1_000_000);
    const out = wide.write(toUtf8(`${long}\n${long}: 1\nevent: ${long}\ndata: 1\n\n`));
    expect(out.ok && decodeUtf8(out.bytes)).toBe("data: 1\n\n");
  });
});

describe("a byte-order mark", () => {
  it("at the start of the stream is dropped, also in pieces; later it is part of a name", () => {
    const filter = begin();
    const bytes = toUtf8("\ufeffdata: 1\n\n\ufeffdata: 2\n\n");
    const out = [...bytes].map((byte) => filter.write(Uint8Array.of(byte)));
    expect(out.map((one) => one.ok && decodeUtf8(one.bytes)).join("")).toBe("data: 1\n\n\n");
  });

  it("is none unless all three bytes of it are there", () => {
    for (const first of [
      [0x41, 0xbb, 0xbf],
      [0xef, 0x41, 0xbf],
      [0xef, 0xbb, 0x41],
    ]) {
      const out = begin().write(Uint8Array.from([...first, ...toUtf8("data: 1\n\n")]));
      expect(out).toEqual({ ok: true, bytes: toUtf8("\n") });
    }
  });

  it("alone in the first line leaves a blank one", () => {
    expect(filtered("\ufeff\n\ufeff: x\n")).toBe("\n");
    expect(filtered("\ufeff: x\n")).toBe(":\n");
  });
});

describe("receipts", () => {
  it("are the sums over all events, with distinct paths", () => {
    const filter = begin();
    filter.write(toUtf8('data: {"ssn":1,"a":{"ssn":1}}\n\ndata: {"ssn":1}\n\n'));
    const [receipt] = filter.receipts();
    expect(receipt).toEqual({
      scope: "proxy",
      entityId: "payroll",
      filterId: "pii",
      operationId: "operations/0",
      effect: "destroy",
      nodes: 3,
      paths: ["$.ssn", "$.a.ssn"],
    });
    const end = filter.end();
    expect(end.ok && end.receipts).toEqual([receipt]);
  });

  it("are there when no event was, and list at most 32 paths", () => {
    const filter = begin();
    expect(filter.receipts()).toMatchObject([{ nodes: 0, paths: [] }]);
    for (let n = 0; n < 40; n++) filter.write(toUtf8(`data: {"k${n}":1}\n\n`));
    expect(filter.receipts()).toMatchObject([{ nodes: 40 }]);
    expect(filter.receipts()[0]?.paths).toHaveLength(MAX_RECEIPT_PATHS);
  });
});

describe("work", () => {
  it("is linear in the bytes, however they are cut", () => {
    const wide = createEventStreamFilter([stage], {
      ...limits,
      maxScalarBytes: 1_000_000,
      maxFilterBufferBytes: 4_000_000,
    });
    const letter = toUtf8("x");
    wide.write(toUtf8('data: "'));
    for (let count = 0; count < 200_000; count++) wide.write(letter);
    const end = wide.write(toUtf8('"\n\n'));
    expect(end.ok && end.bytes.length).toBe(200_010);

    const many = wide.write(toUtf8('data: {"ssn":1}\n\n'.repeat(10_000)));
    expect(many.ok && decodeUtf8(many.bytes)).toBe("data: {}\n\n".repeat(10_000));
    const lines = wide.write(toUtf8(`${"data\n".repeat(500_000)}data: 1\n\n`));
    expect(lines.ok && lines.bytes.length).toBe(500_000 * 7 + 9);
  });
});
