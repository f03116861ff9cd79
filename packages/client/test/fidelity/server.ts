/** The server that a fidelity case talks to: real HTTP on loopback, two origins, answers as the case says. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";

/** A request, read to its end. */
export interface SeenRequest {
  /** Of the server that it came to. */
  readonly origin: string;
  readonly method: string;
  /** Path and query, as they came over the wire. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Names as they were spelt, values as they came, in order. */
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly bytes: Buffer;
  readonly text: string;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** Nothing may listen there: the port is no service's, and too low to be given out. */
const CLOSED = "http://127.0.0.1:2";

/** One of the ports that the Fetch standard never dials ("port blocking"). */
const BLOCKED = "http://127.0.0.1:6667";

export class FidelityServer {
  /** What was read to its end, oldest first. */
  readonly seen: SeenRequest[] = [];
  /** Where nothing listens. */
  readonly closed = CLOSED;
  /** A port that `fetch` refuses. */
  readonly blocked = BLOCKED;
  origin = "";
  /** Under `https:`, where somebody listens and never says a word. */
  silent = "";
  /** The first connection to it. */
  readonly dialled: Promise<Socket>;
  /** The same server under another origin. */
  other = "";
  readonly #servers: readonly [Server, Server];
  readonly #silent = createTcpServer();
  readonly #silenced = new Set<Socket>();
  #listener: (request: IncomingMessage, response: ServerResponse) => void = () => {};

  private constructor() {
    const listener = (request: IncomingMessage, response: ServerResponse) => {
      // What a case breaks off must not end the process.
      response.on("error", () => {});
      this.#listener(request, response);
    };
    this.#servers = [createServer(listener), createServer(listener)];
    this.dialled = new Promise((resolve) => {
      this.#silent.on("connection", (socket) => {
        // Read, so that its end is noticed.
        socket.resume().on("error", () => {});
        this.#silenced.add(socket);
        resolve(socket);
      });
    });
    this.answer((_, response) => response.setHeader("content-type", "application/json").end('{"ok":true}'));
  }

  static async start(): Promise<FidelityServer> {
    const server = new FidelityServer();
    const all = [...server.#servers, server.#silent];
    await Promise.all(
      all.map((one) => new Promise<void>((resolve) => one.listen(0, "127.0.0.1", () => resolve()))),
    );
    server.silent = `https://127.0.0.1:${(server.#silent.address() as AddressInfo).port}`;
    [server.origin, server.other] = [originOf(server.#servers[0]), originOf(server.#servers[1])];
    return server;
  }

  /** The last request that was read to its end. */
  get last(): SeenRequest {
    const last = this.seen.at(-1);
    if (last === undefined) throw new Error("the server saw no request");
    return last;
  }

  url(path = "/"): string {
    return `${this.origin}${path}`;
  }

  /** Answers requests from now on, once they were read. */
  answer(answer: Answer): void {
    this.listen(async (request, response) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of request) chunks.push(chunk);
      } catch {
        return;
      }
      const seen = seenRequest(originOf((request.socket as { server?: Server }).server), request, chunks);
      this.seen.push(seen);
      answer(seen, response);
    });
  }

  /** Answers requests from now on at their headers; they count as `seen` never. */
  listen(listener: (request: IncomingMessage, response: ServerResponse) => void): void {
    this.#listener = listener;
  }

  /** Answers with a status, headers and a body. */
  reply(
    status: number,
    headers: Record<string, string | string[]> = {},
    body: string | Uint8Array = "",
  ): void {
    this.answer((_, response) => response.writeHead(status, headers).end(body));
  }

  /** Answers with JSON. */
  json(text: string, headers: Record<string, string | string[]> = {}): void {
    this.reply(200, { "content-type": "application/json", ...headers }, text);
  }

  /** Answers with these bytes and hangs up, whether or not they are HTTP. */
  raw(...parts: readonly (string | Uint8Array)[]): void {
    this.answer((_, response) => {
      for (const part of parts) response.socket?.write(part);
      response.socket?.end();
    });
  }

  /** Redirects each of these paths, query aside; answers all others with JSON. */
  redirect(table: Record<string, readonly [status: number, location: string]>): void {
    this.answer((request, response) => {
      const [status, location] = table[request.target.split("?", 1)[0] ?? ""] ?? [];
      if (status !== undefined && location !== undefined) response.writeHead(status, { location }).end();
      else response.setHeader("content-type", "application/json").end(JSON.stringify({ at: request.target }));
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#silenced) socket.destroy();
    this.#silent.close();
    await Promise.all(
      this.#servers.map((one) => {
        const closed = new Promise((resolve) => one.close(resolve));
        one.closeAllConnections();
        return closed;
      }),
    );
  }
}

function originOf(server: Server | undefined): string {
  return `http://127.0.0.1:${(server?.address() as AddressInfo | undefined)?.port}`;
}

function seenRequest(origin: string, request: IncomingMessage, chunks: readonly Buffer[]): SeenRequest {
  const { method = "", url: target = "", headers, rawHeaders: flat } = request;
  const rawHeaders = flat.flatMap((name, index) =>
    index % 2 === 0 ? [[name, flat[index + 1] ?? ""] as const] : [],
  );
  const bytes = Buffer.concat(chunks);
  return { origin, method, target, headers, rawHeaders, bytes, text: bytes.toString() };
}
