import { describe, expect, it } from "vitest";
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { compilePattern } from "../pattern/pattern.js";
import { createJsonFilter, type JsonFilter } from "./filter-json.js";
import { observingFilter } from "./observing-filter.js";

function destroying(member: string): JsonFilter {
  const operation = {
    ...({ effect: "destroy", pattern: compilePattern(`\\.${member}$`), values: new Map() } as const),
    ...{ filterId: `no-${member}`, entityId: "payroll", operationId: "operations/0" },
  };
  return createJsonFilter([{ scope: "proxy", operations: [operation] }], {
    maxJsonDepth: 512,
    maxScalarBytes: 1024,
  });
}

type Receipts = ReturnType<JsonFilter["receipts"]>;
const marked = (receipts: Receipts) => receipts.map((one) => ({ ...one, mode: "observe" as const }));

function textOf(result: ReturnType<JsonFilter["write"]>): string | undefined {
  return result.ok ? decodeUtf8(result.bytes) : result.reason;
}

describe("a filter that only observes", () => {
  it("sees all of a body that goes on as it came, and tells what it would have done", () => {
    const filter = observingFilter(destroying("ssn"), { receiptsOf: marked });
    const piece = toUtf8('{"ssn":1,');
    expect(filter.write(piece)).toEqual({ ok: true, bytes: piece });
    expect(textOf(filter.write(toUtf8('"a":2}')))).toBe('"a":2}');
    const receipts = [{ filterId: "no-ssn", nodes: 1, paths: ["$.ssn"], mode: "observe" }];
    expect(filter.receipts()).toMatchObject(receipts);
    expect(filter.receipts()).toHaveLength(1);
    expect(filter.end()).toMatchObject({ ok: true, bytes: new Uint8Array(0), receipts });
    expect(filter.reason()).toBeUndefined();
  });

  it("sees what came, and gives out what is left by the one that is enforced, whose receipts come first", () => {
    const filter = observingFilter(destroying("ssn"), { enforced: destroying("pin"), receiptsOf: marked });
    expect(textOf(filter.write(toUtf8('{"ssn":1,"pin":2}')))).toBe('{"ssn":1}');
    const receipts = [
      { filterId: "no-pin", nodes: 1 },
      { filterId: "no-ssn", nodes: 1, mode: "observe" },
    ];
    expect(filter.end()).toMatchObject({ ok: true, receipts });
    expect(filter.receipts()).toMatchObject(receipts);
    expect(filter.receipts()[0]).not.toHaveProperty("mode");
  });

  it("tells from a piece on, or at the end, why the body would have been withheld", () => {
    const filter = observingFilter(destroying("ssn"), { receiptsOf: marked });
    filter.write(toUtf8("{"));
    expect(filter.reason()).toBeUndefined();
    expect(textOf(filter.write(toUtf8("!")))).toBe("!");
    const reason = "the body is not JSON: a member's name is missing, near byte 2";
    expect(filter.reason()).toBe(reason);
    expect(textOf(filter.write(toUtf8("}")))).toBe("}");
    expect(filter.end().ok).toBe(true);
    expect(filter.reason()).toBe(reason);

    const cut = observingFilter(destroying("ssn"), { receiptsOf: marked });
    cut.write(toUtf8("{"));
    expect(cut.end()).toMatchObject({ ok: true });
    expect(cut.reason()).toBe("the body is not JSON: the text ends too early, near byte 2");
  });

  it("says nothing of its own where the one that is enforced withholds", () => {
    const enforced: JsonFilter = { ...destroying("pin"), end: () => ({ ok: false, reason: "enough" }) };
    const filter = observingFilter(destroying("ssn"), { enforced, receiptsOf: marked });
    filter.write(toUtf8("{}"));
    expect(filter.end()).toEqual({ ok: false, reason: "enough" });
    expect(filter.reason()).toBeUndefined();
  });
});
