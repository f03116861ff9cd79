import { memoryStore } from "@sallyport/adapters-memory";
import { ByteBlocks, type StorageAdapter, type StoredRecord } from "@sallyport/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Recorder } from "./recorder.js";
import { realWorld } from "./world.js";

type Put = StorageAdapter["log"]["putRecord"];

/** A recorder over a store that takes records as it is told to, and what could not be stored. */
function recorderOver(putRecord: Put) {
  const store = memoryStore();
  const failures: { recordId: string; lost: boolean }[] = [];
  const recorder = new Recorder({
    store: { ...store, log: { ...store.log, putRecord } },
    region: "eu-west-1",
    world: realWorld,
    onAuditFailure: ({ recordId, lost }) => failures.push({ recordId, lost }),
  });
  return { recorder, failures };
}

const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

it("waits in `flush` for records that come while it waits", async () => {
  const stored: string[] = [];
  const { recorder } = recorderOver(async ({ id }) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    stored.push(id);
  });
  void recorder.record("a", bytes("1"));
  const flushed = recorder.flush().then(() => [...stored]);
  await vi.advanceTimersByTimeAsync(30);
  void recorder.record("b", bytes("2"));
  await vi.advanceTimersByTimeAsync(100);
  expect(await flushed).toEqual(["a", "b"]);
});

it("keeps a record that waits in memory of its own, and counts one whose memory was taken away as lost", async () => {
  const put: StoredRecord[] = [];
  const { recorder, failures } = recorderOver(async (record) => {
    put.push(record);
    if (put.length <= 2) throw new Error("down");
  });
  const blocks = new ByteBlocks();
  await recorder.record("a", blocks.utf8Of("one"));
  const taken = blocks.utf8Of("two");
  const recorded = recorder.record("b", taken);
  structuredClone(taken, { transfer: [taken.buffer as ArrayBuffer] });
  await recorded;
  expect(failures).toEqual([
    { recordId: "a", lost: false },
    { recordId: "b", lost: true },
  ]);
  await recorder.flush();
  const again = put.find((record, index) => record.id === "a" && index >= 2);
  expect(again?.bytes).toEqual(bytes("one"));
  expect(again?.bytes.buffer.byteLength).toBe(3);
});

it("gives up a write that is not answered, once, whatever comes of it later", async () => {
  let fail = (_: Error) => {};
  let isDown = true;
  const { recorder, failures } = recorderOver(() =>
    isDown
      ? new Promise((_, reject) => {
          fail = reject;
        })
      : Promise.resolve(),
  );
  const recorded = recorder.record("a", bytes("1"));
  await vi.advanceTimersByTimeAsync(450);
  expect(failures).toEqual([]);
  await vi.advanceTimersByTimeAsync(300);
  await recorded;
  fail(new Error("late"));
  await vi.advanceTimersByTimeAsync(300);
  expect(failures).toEqual([{ recordId: "a", lost: false }]);
  isDown = false;
  await recorder.flush();
  expect(recorder.isReady).toBe(true);
});

it("has no timer when nothing is being stored, or only one that keeps no process alive", async () => {
  vi.useRealTimers();
  const set = vi.spyOn(globalThis, "setTimeout");
  const clear = vi.spyOn(globalThis, "clearTimeout");
  const { recorder } = recorderOver(async () => {});
  await recorder.record("a", bytes("1"));
  const timers = set.mock.results.map(({ value }) => value as NodeJS.Timeout);
  const cleared = new Set<unknown>(clear.mock.calls.map(([timer]) => timer));
  set.mockRestore();
  clear.mockRestore();
  expect(timers.length).toBeGreaterThan(0);
  expect(timers.filter((timer) => timer.hasRef() && !cleared.has(timer))).toEqual([]);
});
