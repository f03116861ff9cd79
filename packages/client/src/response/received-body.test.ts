import { describe, expect, it, vi } from "vitest";
import { ReceivedBody } from "./received-body.js";

const [a, b] = [Buffer.from("a"), Buffer.from("b")];

describe("a body that is taken whole", () => {
  const bodyOf = (...chunks: Buffer[]) => {
    const body = new ReceivedBody({ resume: vi.fn(), abort: vi.fn() });
    for (const chunk of chunks) body.push(chunk);
    return body;
  };

  it("is all that has come, once it is complete, and only once", () => {
    const body = bodyOf(a, b);
    expect(body.takeWhole(2)).toBeUndefined();
    body.complete();
    expect(body.takeWhole(1)).toBeUndefined();
    expect(Buffer.from(body.takeWhole(2) ?? []).toString()).toBe("ab");
    expect(body.takeWhole(2)).toBeUndefined();
  });

  it("is none of which something was read, nor one that broke off", async () => {
    const read = bodyOf(a, b);
    await read.read();
    read.complete();
    expect(read.takeWhole(2)).toBeUndefined();
    expect(await read.read()).toEqual(b);

    const broken = bodyOf(a);
    broken.fail(new Error("broken"), { isAbort: false });
    expect(broken.takeWhole(2)).toBeUndefined();
    expect(await broken.read()).toEqual(a);
  });
});
