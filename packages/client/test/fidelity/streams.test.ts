import { expect } from "vitest";
import { rejection } from "../gate.js";
import { type FidelityCase, theme } from "./fidelity-case.js";
import { begin, closed, LINES } from "./open-answers.js";

const decode = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** Ways to read a stream to its end. */
const readings: Record<string, (response: Response) => Promise<string>> = {
  "a reader": async ({ body }) => {
    const reader = body?.getReader();
    const chunks: Uint8Array[] = [];
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read())
      chunks.push(read.value);
    return Buffer.concat(chunks).toString();
  },
  "`for await`": async ({ body }) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString();
  },
  "`pipeTo`": async ({ body }) => {
    const chunks: Uint8Array[] = [];
    await body?.pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
    return Buffer.concat(chunks).toString();
  },
  "`pipeThrough`": async ({ body }) =>
    new Response(body?.pipeThrough(new TransformStream()) as ReadableStream<Uint8Array>).text(),
  "`tee`, either branch": async ({ body }) => {
    const [left, right] = body?.tee() ?? [];
    const texts = await Promise.all([new Response(left).text(), new Response(right).text()]);
    expect(texts[0]).toBe(texts[1]);
    return texts[0] ?? "";
  },
  "a response's `text`": (response) => response.text(),
};

theme("streams", [
  {
    name: "resolve at the headers, before there is a body",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      expect([response.status, response.bodyUsed]).toEqual([200, false]);
      (await answering).end('{"n":1}\n');
      expect(await response.text()).toBe('{"n":1}\n');
    },
  },
  {
    name: "give out each piece as it comes",
    async run(fetch, server) {
      const answering = begin(server);
      const reader = (await fetch(server.url())).body?.getReader();
      const answer = await answering;
      for (const line of ['{"n":1}\n', '{"n":2}\n', '{"n":3}\n']) {
        answer.write(line);
        const read = await reader?.read();
        expect([read?.done, decode(read?.value)]).toEqual([false, line]);
      }
      answer.end();
      expect(await reader?.read()).toEqual({ done: true, value: undefined });
      await reader?.closed;
    },
  },
  {
    name: "give out bytes as `Uint8Array`",
    async run(fetch, server) {
      server.reply(200, LINES, "{}\n");
      const { value } = (await (await fetch(server.url())).body?.getReader().read()) ?? {};
      expect(Object.prototype.toString.call(value)).toBe("[object Uint8Array]");
      expect(value?.constructor).toBe(Uint8Array);
    },
  },
  ...Object.entries(readings).map(
    ([how, readBy]): FidelityCase => ({
      name: `are read by ${how}`,
      async run(fetch, server) {
        const lines = Array.from({ length: 3000 }, (_, n) => `{"n":${n},"text":"${"x".repeat(200)}"}\n`);
        server.answer(async (_, response) => {
          response.writeHead(200, LINES);
          for (const line of lines) response.write(line);
          response.end();
        });
        expect((await readBy(await fetch(server.url()))) === lines.join("")).toBe(true);
      },
    }),
  ),
  ...["application/x-ndjson", "application/json", "text/plain"].map(
    (type): FidelityCase => ({
      name: `of \`${type}\` are read into the buffer of a reader`,
      answersNoJson: type === "text/plain",
      async run(fetch, server) {
        server.reply(200, { "content-type": type }, '{"n":1}\n');
        const reader = (await fetch(server.url())).body?.getReader({ mode: "byob" });
        let text = "";
        for (;;) {
          const { done, value } = (await reader?.read(new Uint8Array(3))) ?? { done: true };
          if (done) break;
          text += decode(value);
        }
        expect(text).toBe('{"n":1}\n');
      },
    }),
  ),
  {
    name: "are read to their end by one reader after another",
    async run(fetch, server) {
      const answering = begin(server);
      const { body } = await fetch(server.url());
      const answer = await answering;
      const first = body?.getReader();
      answer.write("{}\n");
      expect(decode((await first?.read())?.value)).toBe("{}\n");
      first?.releaseLock();
      answer.end("[]\n");
      const second = body?.getReader();
      expect(decode((await second?.read())?.value)).toBe("[]\n");
      expect((await second?.read())?.done).toBe(true);
    },
  },
  {
    name: "wait for their reader: no more is taken from the server than fits the buffers",
    async run(fetch, server) {
      let written = 0;
      const line = `{"text":"${"x".repeat(65_000)}"}\n`;
      const total = 32 * 2 ** 20;
      const done = new Promise<void>((resolve) => {
        server.answer((_, response) => {
          response.writeHead(200, LINES);
          const write = () => {
            while (written < total) {
              written += line.length;
              if (!response.write(line)) return;
            }
            response.end();
            resolve();
          };
          response.on("drain", write);
          write();
        });
      });
      const response = await fetch(server.url());
      await settled(() => written);
      expect(written).toBeLessThan(total / 2);
      let read = 0;
      for await (const chunk of response.body ?? []) read += (chunk as Uint8Array).length;
      await done;
      expect(read).toBe(written);
    },
  },
  {
    name: "that are cancelled hang up on the server",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const { socket } = await answering;
      await response.body?.cancel(new Error("no more"));
      await closed(socket);
      expect(socket?.destroyed ?? true).toBe(true);
      expect(response.bodyUsed).toBe(true);
    },
  },
  {
    name: "that are cancelled by their reader hang up on the server",
    async run(fetch, server) {
      const answering = begin(server);
      const reader = (await fetch(server.url())).body?.getReader();
      const answer = await answering;
      answer.write("{}\n");
      await reader?.read();
      const { socket } = answer;
      await reader?.cancel();
      await closed(socket);
      expect(await reader?.read()).toEqual({ done: true, value: undefined });
    },
  },
  {
    name: "that `for await` leaves early hang up on the server",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      const answer = await answering;
      const { socket } = answer;
      answer.write("{}\n");
      for await (const chunk of response.body ?? []) {
        expect(decode(chunk as Uint8Array)).toBe("{}\n");
        break;
      }
      await closed(socket);
      expect(response.bodyUsed).toBe(true);
    },
  },
  {
    name: "that are cancelled while a read waits end it",
    async run(fetch, server) {
      const answering = begin(server);
      const reader = (await fetch(server.url())).body?.getReader();
      await answering;
      const read = reader?.read();
      await reader?.cancel("enough");
      expect(await read).toEqual({ done: true, value: undefined });
    },
  },
  {
    name: "can be cancelled after their end",
    async run(fetch, server) {
      server.reply(200, LINES, "{}\n");
      const reader = (await fetch(server.url())).body?.getReader();
      while ((await reader?.read())?.done === false);
      expect(await reader?.cancel()).toBeUndefined();
    },
  },
  {
    name: "that the server aborts end as `terminated`, with a cause, after what had come",
    async run(fetch, server) {
      const answering = begin(server);
      const reader = (await fetch(server.url())).body?.getReader();
      const answer = await answering;
      answer.write('{"n":1}\n');
      expect(decode((await reader?.read())?.value)).toBe('{"n":1}\n');
      answer.destroy();
      const error = await rejection(reader?.read() ?? Promise.resolve());
      expect(error).toMatchObject({
        name: "TypeError",
        message: "terminated",
        cause: { code: "UND_ERR_SOCKET" },
      });
      expect(await rejection(reader?.read() ?? Promise.resolve())).toBe(error);
      expect(await rejection(reader?.closed ?? Promise.resolve())).toBe(error);
    },
  },
  {
    name: "that the server resets end as `terminated`, with a cause",
    async run(fetch, server) {
      const answering = begin(server);
      const response = await fetch(server.url());
      (await answering).socket?.resetAndDestroy();
      const error = await rejection(response.text());
      expect(error).toMatchObject({
        name: "TypeError",
        message: "terminated",
        cause: { code: "ECONNRESET" },
      });
    },
  },
  {
    name: "that the server aborts reject however they are read",
    async run(fetch, server) {
      for (const readBy of Object.values(readings)) {
        const answering = begin(server);
        const response = await fetch(server.url());
        const answer = await answering;
        const read = rejection(readBy(response));
        answer.write("{}\n", () => answer.destroy());
        expect(await read).toMatchObject({ name: "TypeError", message: "terminated" });
      }
    },
  },
  {
    name: "leave their connection to a later call when they were read",
    async run(fetch, server) {
      const ports = new Set<number | undefined>();
      server.answer((_, response) => {
        ports.add(response.socket?.remotePort);
        response.writeHead(200, LINES).end("{}\n");
      });
      for (let call = 0; call < 10; call++) await (await fetch(server.url())).text();
      // The next call may come before the connection is free.
      expect(ports.size).toBeLessThanOrEqual(2);
    },
  },
  {
    name: "leave their connection to a later call when there was no body",
    async run(fetch, server) {
      const ports = new Set<number | undefined>();
      server.answer((_, response) => {
        ports.add(response.socket?.remotePort);
        response.writeHead(204).end();
      });
      for (let call = 0; call < 10; call++) await fetch(server.url());
      // The next call may come before the connection is free.
      expect(ports.size).toBeLessThanOrEqual(2);
    },
  },
  {
    name: "that nobody reads do not keep the next call waiting",
    async run(fetch, server) {
      const text = `{"text":"${"x".repeat(1000)}"}\n`.repeat(1000);
      server.reply(200, LINES, text);
      const unread = await fetch(server.url());
      expect((await (await fetch(server.url())).text()) === text).toBe(true);
      expect((await unread.text()) === text).toBe(true);
    },
  },
  {
    name: "in both directions are at work at once",
    async run(fetch, server) {
      server.listen((request, response) => {
        response.writeHead(200, LINES);
        request.pipe(response);
      });
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const init = { method: "POST", body: readable, duplex: "half" } as RequestInit;
      const answered = fetch(server.url(), init);
      try {
        writer.write(Buffer.from("[1]\n")).catch(() => {});
        const late = new Promise<never>((_, reject) => setTimeout(reject, 500, new Error("no answer")));
        const reader = (await Promise.race([answered, late])).body?.getReader();
        expect(decode((await reader?.read())?.value)).toBe("[1]\n");
        await writer.write(Buffer.from("[2]\n"));
        expect(decode((await reader?.read())?.value)).toBe("[2]\n");
      } finally {
        await writer.close();
        await answered;
      }
    },
  },
]);

/** Resolves when a figure has not grown for a while. */
async function settled(figure: () => number): Promise<void> {
  for (let last = -1; figure() !== last; ) {
    last = figure();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
