/** For what only happens when something is thrown away. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects again and again until it has happened. */
export async function collectUntil(happened: Promise<unknown>): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const collecting = setInterval(collect, 20);
  try {
    await happened;
  } finally {
    clearInterval(collecting);
  }
}
