import { isSallyportError } from "@sallyport/core";
import { describe, expect, it } from "vitest";
import { memoryStore } from "./memory-store.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const record = (id: string, text = id, region = "eu-west-1") => ({ id, region, bytes: bytes(text) });
const codeOf = (error: unknown) => (isSallyportError(error) ? error.code : String(error));

describe("records in memory", () => {
  it("come back byte for byte, and a reader cannot change them", async () => {
    const { log } = memoryStore();
    const given = record("a", "\u0000ü");
    await log.putRecord(given);
    given.bytes.fill(1);
    (await log.getRecord("a"))?.bytes.fill(2);
    expect((await log.getRecord("a"))?.bytes).toEqual(bytes("\u0000ü"));
    expect(await log.getRecord("b")).toBeUndefined();
  });

  it("are listed in the order in which they were put, page by page", async () => {
    const { log } = memoryStore();
    for (const id of ["c", "a", "b"]) await log.putRecord(record(id));
    const first = await log.listRecords({ limit: 2 });
    expect(first.records.map(({ id }) => id)).toEqual(["c", "a"]);
    const second = await log.listRecords({
      limit: 2,
      ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
    });
    expect(second.records.map(({ id }) => id)).toEqual(["b"]);
    expect(second.cursor).toBeUndefined();
  });

  it("put twice are stored once, and never overwritten", async () => {
    const { log } = memoryStore();
    await log.putRecord(record("a"));
    await log.putRecord(record("a"));
    expect((await log.listRecords()).records).toHaveLength(1);
    await expect(log.putRecord(record("a", "other")).catch(codeOf)).resolves.toBe("ERR_STORAGE_CORRUPT");
  });

  it("above the byte limit are refused, and what was stored stays", async () => {
    const { log } = memoryStore({ maxBytes: 3 });
    await log.putRecord(record("a", "123"));
    await expect(log.putRecord(record("b", "4")).catch(codeOf)).resolves.toBe("ERR_STORAGE_UNAVAILABLE");
    expect((await log.listRecords()).records).toHaveLength(1);
  });

  it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { cursor: "x" }, { cursor: "9" }])(
    "are not listed with %j",
    async (options) => {
      await expect(memoryStore().log.listRecords(options).catch(codeOf)).resolves.toBe("ERR_CONFIG_INVALID");
    },
  );
});

describe("a store's region", () => {
  it("is that of the first policy, and no other is let in", async () => {
    const store = memoryStore();
    await store.claimRegion("eu-west-1");
    await store.claimRegion("eu-west-1");
    await expect(store.claimRegion("us-east-1").catch(codeOf)).resolves.toBe("ERR_CONFIG_INVALID");
    await expect(store.log.putRecord(record("a", "a", "us-east-1")).catch(codeOf)).resolves.toBe(
      "ERR_CONFIG_INVALID",
    );
  });
});

describe("entities in memory", () => {
  it("are written only over the version that was read", async () => {
    const { config } = memoryStore();
    const first = await config.putEntity("proxy", "p", bytes("1"), undefined);
    expect(await config.putEntity("proxy", "p", bytes("2"), undefined)).toEqual({ ok: false });
    if (!first.ok) throw new Error("the first write must succeed");
    const second = await config.putEntity("proxy", "p", bytes("2"), first.version);
    expect(second.ok).toBe(true);
    expect(await config.putEntity("proxy", "p", bytes("3"), first.version)).toEqual({ ok: false });
    expect((await config.getEntity("proxy", "p"))?.bytes).toEqual(bytes("2"));
  });

  it("of one kind are apart from those of another, and are listed by id", async () => {
    const { config } = memoryStore();
    for (const id of ["b", "a", "__proto__"]) await config.putEntity("proxy", id, bytes(id), undefined);
    expect(await config.getEntity("target", "a")).toBeUndefined();
    expect((await config.listEntities("proxy")).map(({ id }) => id)).toEqual(["__proto__", "a", "b"]);
  });

  it("are deleted only in the version that was read", async () => {
    const { config } = memoryStore();
    const written = await config.putEntity("proxy", "p", bytes("1"), undefined);
    expect(await config.deleteEntity("proxy", "p", "other")).toBe(false);
    expect(await config.deleteEntity("proxy", "p", written.ok ? written.version : "")).toBe(true);
    expect(await config.getEntity("proxy", "p")).toBeUndefined();
  });
});
