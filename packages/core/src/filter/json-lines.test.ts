import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import type { Stage } from "./filter-json.js";
import { createJsonLinesFilter } from "./json-lines.js";

const limits = { maxJsonDepth: 512, maxScalarBytes: 1024, maxFilterBufferBytes: 1024 };

const stage: Stage = {
  scope: "proxy",
  operations: [
    {
      effect: "destroy",
      pattern: compilePattern("\\.ssn$"),
      values: new Map(),
      filterId: "pii",
      entityId: "payroll",
      operationId: "operations/0",
    },
  ],
};

const begin = () => createJsonLinesFilter([stage], limits);

/** What goes out after each piece, and at the end. */
function outputs(...pieces: string[]): (string | undefined)[] {
  const filter = begin();
  const given = [...pieces.map((piece) => filter.write(toUtf8(piece))), filter.end()];
  return given.map((one) => (one.ok ? decodeUtf8(one.bytes) : one.reason));
}

const filtered = (text: string) => [...new Set(outputs(text))].join("");

describe("a line", () => {
  it("goes out as soon as its end was read, filtered", () => {
    expect(outputs('{"ssn":1,', '"a":1.0}', '\n{"ssn":2}\n{"b"', ":3}\n")).toEqual([
      "",
      "",
      '{"a":1.0}\n{}\n',
      '{"b":3}\n',
      "",
    ]);
  });

  it("keeps its end, and white space around its text", () => {
    expect(filtered('{"ssn":1}\r\n [1] \n{}\r\n')).toBe("{}\r\n [1] \n{}\r\n");
  });

  it("that is empty stays", () => {
    expect(filtered("\n\r\n1\n\n")).toBe("\n\r\n1\n\n");
  });

  it("without an end is filtered too", () => {
    expect(outputs('1\n{"ssn":1}')).toEqual(["1\n", "{}"]);
    expect(outputs('{"ssn":1}\r')).toEqual(["", "{}\r"]);
  });

  it("that is not JSON ends the stream: what came before goes out, nothing of it or behind it does", () => {
    const filter = begin();
    const first = filter.write(toUtf8("1\nhunter2\n2\n"));
    const reason = "line 2: the body is not JSON: a value is missing, near byte 1";
    expect(first).toEqual({ ok: false, reason, bytes: toUtf8("1\n") });
    expect(filter.write(toUtf8("3\n"))).toEqual({ ok: false, reason });
    expect(filter.end()).toEqual({ ok: false, reason });
  });

  it("that was cut off ends the stream", () => {
    expect(outputs('1\n{"name":"Ann"')[1]).toMatch(/^line 2: the body is not JSON: the text ends too early/);
  });

  it("has no carriage return inside: some readers would take it for two", () => {
    expect(filtered('["a",\r{"ssn":1}]\n')).toBe("line 1: a carriage return stands within it");
    expect(filtered("1\r\r\n")).toBe("line 1: a carriage return stands within it");
    expect(filtered("\r\r\n")).toBe("line 1: a carriage return stands within it");
  });

  it("is at most `maxFilterBufferBytes` long, its LF not counted, and that is known before it ends", () => {
    const line = (length: number) => `"${"x".repeat(length - 2)}"`;
    const reason = "line 2: it is longer than `maxFilterBufferBytes`";
    expect(filtered(`\n${line(1024)}\n`)).toBe(`\n${line(1024)}\n`);
    expect(outputs(`\n${line(1025)}\n`)[0]).toBe(reason);
    expect(outputs("\n", line(1024), "1")).toEqual(["\n", "", reason, reason]);
  });
});

describe("receipts", () => {
  it("are the sums over all lines", () => {
    const filter = begin();
    filter.write(toUtf8('{"ssn":1}\n{"a":[{"ssn":1},{"ssn":2}]}\n{"ssn":1}'));
    expect(filter.receipts()).toMatchObject([{ nodes: 3, paths: ["$.ssn", "$.a[*].ssn"] }]);
    const end = filter.end();
    expect(end.ok && end.receipts).toMatchObject([{ nodes: 4, paths: ["$.ssn", "$.a[*].ssn"] }]);
  });
});
