import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { Agent, DecoratorHandler, type Dispatcher, fetch as npmFetch } from "undici";
import { expect, onTestFinished } from "vitest";
import type { FidelityServer } from "../fidelity/server.js";
import { trap } from "./traps.js";

const MIB = 2 ** 20;

/** Reads to the end, or to the error that it gives. */
async function drained({ body }: Response): Promise<{ readonly bytes: number; readonly error?: unknown }> {
  let bytes = 0;
  try {
    for await (const chunk of body ?? []) bytes += (chunk as Uint8Array).length;
  } catch (error) {
    return { bytes, error };
  }
  return { bytes };
}

const once = gzipSync(new Uint8Array(16 * MIB));
const bombs = { gzip: once, "gzip, gzip": gzipSync(once) };

trap("bodies that decode to much more", {
  async bare(server) {
    for (const [coding, body] of Object.entries(bombs)) {
      server.reply(200, { "content-encoding": coding }, body);
      expect(await drained(await fetch(server.url()))).toEqual({ bytes: 16 * MIB });
    }
  },
  async guarded(server, open) {
    const { guarded } = open();
    for (const [coding, body] of Object.entries(bombs)) {
      server.reply(200, { "content-encoding": coding }, body);
      const { bytes, error } = await drained(await guarded(server.url()));
      expect(error).toMatchObject({
        message: "terminated",
        cause: { message: "the body decodes to more than 200 times what was sent" },
      });
      expect(bytes).toBeLessThan(11 * MIB);
    }
    // Read for filters it is no other.
    const operations = [{ effect: "destroy" as const, jsonPath: "\\.ssn$" }];
    const zeros = gzipSync(`[${"0,".repeat(8 * MIB)}0]`, { level: 9 });
    server.reply(200, { "content-encoding": "gzip", "content-type": "application/json" }, zeros);
    const filtering = open({ filters: [{ operations }] }).guarded(server.url());
    const ended = await filtering.then(drained, (error: unknown) => ({ bytes: 0, error }));
    expect([ended.bytes < 11 * MIB, ended.error]).toEqual([true, expect.any(Error)]);
  },
});

const person = '{"name":"ann","ssn":"123"}';

trap("coded bytes", {
  // With undici from npm, whose dispatchers take interceptors.
  async bare(server) {
    server.reply(200, { "content-encoding": "gzip", "content-type": "application/json" }, gzipSync(person));
    const seen: Uint8Array[] = [];
    const agent = new Agent();
    onTestFinished(() => agent.close());
    const dispatcher = agent.compose((dispatch) => (options, handler) => {
      const watching = new DecoratorHandler(handler);
      const { onResponseData } = watching as Dispatcher.DispatchHandler;
      return dispatch(
        options,
        Object.assign(watching, {
          onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer) {
            seen.push(chunk);
            onResponseData?.call(watching, controller, chunk);
          },
        }),
      );
    });
    const response = await npmFetch(server.url(), { dispatcher });
    expect(await response.text()).toBe(person);
    expect(Buffer.concat(seen).subarray(0, 2).toString("hex")).toBe("1f8b");
  },
  async guarded(server, open) {
    server.reply(200, { "content-encoding": "gzip", "content-type": "application/json" }, gzipSync(person));
    const operations = [{ effect: "destroy" as const, jsonPath: "\\.ssn$" }];
    const { guarded, records } = open({ filters: [{ id: "no-ssn", operations }] });
    expect(await (await guarded(server.url())).text()).toBe('{"name":"ann"}');
    expect((await records())[0].filters).toMatchObject([{ filterId: "no-ssn", nodes: 1 }]);
  },
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes outside of the heap, of those that somebody can still reach. */
function heldBytes(): number {
  // The first one only marks what the second one has to wait for.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

const SIZE = 64 * MIB;

/** Answers with so many bytes, no faster than they are read. */
function answerLarge(server: FidelityServer): void {
  const chunk = Buffer.alloc(64 * 1024);
  server.answer((_, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": SIZE });
    let left = SIZE / chunk.length;
    const write = () => {
      while (left-- > 0) if (!response.write(chunk)) return response.once("drain", write);
      return response.end();
    };
    write();
  });
}

/** Reads a body to its end. @returns by how much what is held had grown at most, measured every 8 MiB */
async function growthWhileRead(body: ReadableStream<Uint8Array> | null): Promise<number> {
  const before = heldBytes();
  let [bytes, most, next] = [0, 0, 8 * MIB];
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes < next) continue;
    next += 8 * MIB;
    most = Math.max(most, heldBytes() - before);
  }
  expect(bytes).toBe(SIZE);
  return most;
}

trap("a clone to record", {
  async bare(server) {
    answerLarge(server);
    const response = await fetch(server.url());
    const copy = response.clone();
    expect(await growthWhileRead(response.body)).toBeGreaterThan(SIZE / 2);
    await copy.body?.cancel();
  },
  async guarded(server, open) {
    answerLarge(server);
    const { guarded, records } = open();
    const response = await guarded(server.url());
    // Recorded already, from what was known without the body.
    expect((await records())[0].outcome).toEqual({ result: "success" });
    expect(await growthWhileRead(response.body)).toBeLessThan(SIZE / 16);
  },
});

const numbers = '{"id":12345678901234567890, "rate":1.0, "ssn":"123",\t"tiny":1E-7}';

trap("numbers in JSON", {
  async bare() {
    const edited = JSON.parse(numbers);
    delete edited.ssn;
    expect(JSON.stringify(edited)).toBe('{"id":12345678901234567000,"rate":1,"tiny":1e-7}');
  },
  async guarded(server, open) {
    server.json(numbers);
    const operations = [{ effect: "destroy" as const, jsonPath: "\\.ssn$" }];
    const response = await open({ filters: [{ operations }] }).guarded(server.url());
    expect(await response.text()).toBe('{"id":12345678901234567890, "rate":1.0,\t"tiny":1E-7}');
    const filters = [{ on: "request" as const, operations }];
    const headers = { "content-type": "application/json" };
    await open({ filters }).guarded(server.url(), { method: "POST", body: numbers, headers });
    expect(server.last.text).toBe('{"id":12345678901234567890, "rate":1.0,\t"tiny":1E-7}');
  },
});
