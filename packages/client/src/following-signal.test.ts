import { getEventListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { collectUntil } from "../test/collecting.js";
import { firstOf, following } from "./following-signal.js";

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
  for (let count = 0; count < 100; count++) firstOf([following(signal)]);
  await collectUntil(expect.poll(() => getEventListeners(signal, "abort")).toEqual([]));
});

it("one that somebody listens to is kept, and what it is made of", async () => {
  const controller = new AbortController();
  const fired = Promise.all(
    [following(controller.signal), AbortSignal.timeout(1_000_000)].map((last) => {
      const signal = firstOf([following(controller.signal), last]);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
    }),
  );
  await collectUntil(delay(100));
  controller.abort("enough");
  expect(await fired).toEqual(["enough", "enough"]);
});
