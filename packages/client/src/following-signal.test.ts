import { getEventListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { collectUntil } from "../test/collecting.js";
import { following, limited } from "./following-signal.js";

it("a signal that follows fires with the reason of the one that it follows, or has fired with it", () => {
  const controller = new AbortController();
  const reason = { mine: true };
  const signals = [following(controller.signal), following(controller.signal)];
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  controller.abort(reason);
  for (const signal of [...signals, following(controller.signal)])
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
});

it("nothing is left on a signal by those that are thrown away", async () => {
  const { signal } = new AbortController();
  for (let count = 0; count < 100; count++) following(signal);
  await collectUntil(expect.poll(() => getEventListeners(signal, "abort")).toEqual([]));
});

it("one that somebody has keeps what it follows", async () => {
  const controller = new AbortController();
  const signal = following(following(controller.signal));
  await collectUntil(delay(100));
  controller.abort("enough");
  expect(signal.reason).toBe("enough");
});

it("a limited one fires when its time is up as the platform's does, or with the one that it follows", async () => {
  const controller = new AbortController();
  const [ours, theirs] = [limited(controller.signal, 20, "too slow"), AbortSignal.timeout(20)];
  await expect.poll(() => [ours.aborted, theirs.aborted]).toEqual([true, true]);
  expect([ours.reason.name, ours.reason.message]).toEqual([theirs.reason.name, "too slow"]);
  expect(ours.reason).toBeInstanceOf(DOMException);

  const followed = limited(controller.signal, 1_000_000, "");
  controller.abort("enough");
  expect([followed.reason, limited(controller.signal, 10, "").reason]).toEqual(["enough", "enough"]);
});

it("a limited one is collected before its time is up, unless somebody follows it", async () => {
  const { signal } = new AbortController();
  const [set, cleared] = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "clearTimeout")];
  const limits = [undefined, signal].map((one) => new WeakRef(limited(one, 1_000_000, "")));
  const timers = set.mock.results.map(({ value }) => value);
  set.mockRestore();
  expect(timers).toHaveLength(2);
  const follower = following(limited(undefined, 300, ""));
  await collectUntil(expect.poll(() => limits.some((one) => one.deref() !== undefined)).toBe(false));
  const areCleared = () => timers.every((timer) => cleared.mock.calls.some(([one]) => one === timer));
  await collectUntil(expect.poll(areCleared).toBe(true));
  cleared.mockRestore();
  await collectUntil(expect.poll(() => follower.reason?.name).toBe("TimeoutError"));
});
