/**
 * A `Response` without a web stream in it until somebody asks for one: most bodies are read by `json()` or `text()`, and
 * the platform's streams cost more than all else that a guarded call does.
 *
 * It is an instance of the platform's class, which it does not construct: each member is its own, and what only the
 * platform can do (`body`, `blob()`, `formData()`, `clone()`) is left to a response of the platform's, made when it is
 * needed.
 */
import { inspect } from "node:util";
import { isUint8Array } from "node:util/types";
import { type ByteSource, cancelWhenForgotten, handOver, readAll, streamOf } from "../byte-source.js";
import type { HeaderList } from "../headers/header-list.js";
import { headerListOf, lightHeaders } from "../headers/light-headers.js";
import { basedOn, poseAs } from "../platform-pose.js";
import { utf8Text } from "./utf8-text.js";

/** Where the bytes of a body come from; `undefined` for a response that has none. */
export type BodySource = Uint8Array | ByteSource | undefined;

export interface ResponseHead {
  /** 200 to 599. */
  readonly status: number;
  /** As `new Response` takes it. */
  readonly statusText: string;
  /** Become the response's own. */
  readonly headers: HeaderList;
  /** Absolute URL of the last hop. @default "" */
  readonly url?: string;
  /** @default false */
  readonly redirected?: boolean;
}

class LightResponse extends basedOn(Response) {
  readonly #head: ResponseHead;
  #headers: Headers | undefined;
  #source: BodySource;
  /** Whether the body was read by one of the quick ways. */
  #isRead = false;
  #isWatched = false;
  /** The platform's, once it was needed. */
  #platform: Response | undefined;

  constructor(head: ResponseHead, source: BodySource) {
    super();
    this.#head = head;
    this.#source = source;
  }

  get type(): Response["type"] {
    return "basic";
  }

  get url(): string {
    return this.#head.url ?? "";
  }

  get redirected(): boolean {
    return this.#head.redirected ?? false;
  }

  get status(): number {
    return this.#head.status;
  }

  get ok(): boolean {
    return this.#head.status >= 200 && this.#head.status <= 299;
  }

  get statusText(): string {
    return this.#head.statusText;
  }

  get headers(): Headers {
    this.#headers ??= lightHeaders(this.#head.headers);
    return this.#headers;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#source === undefined ? null : this.#asPlatform().body;
  }

  get bodyUsed(): boolean {
    return this.#platform?.bodyUsed ?? this.#isRead;
  }

  async text(): Promise<string> {
    if (this.#platform !== undefined) return this.#platform.text();
    const bytes = this.#readAll();
    return utf8Text(bytes instanceof Promise ? await bytes : bytes);
  }

  async json(): Promise<unknown> {
    if (this.#platform !== undefined) return this.#platform.json();
    const bytes = this.#readAll();
    return JSON.parse(utf8Text(bytes instanceof Promise ? await bytes : bytes));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#platform !== undefined) return this.#platform.arrayBuffer();
    const bytes = this.#readAll();
    return new Uint8Array(bytes instanceof Promise ? await bytes : bytes).buffer as ArrayBuffer;
  }

  async blob(): Promise<Blob> {
    return this.#asPlatform().blob();
  }

  async formData(): Promise<FormData> {
    return this.#asPlatform().formData();
  }

  clone(): Response {
    const body = this.#source === undefined ? undefined : this.#asPlatform().clone().body;
    const head = LightResponse.headOf(this);
    const source = body === undefined || body === null ? undefined : sourceOf(body);
    return watched(lightResponse({ ...head, headers: head.headers.copy() }, source));
  }

  [inspect.custom](_depth: number, options: object, inspected: typeof inspect): string {
    const { status, statusText, headers, body, bodyUsed, ok, redirected, type, url } = this;
    const members = { status, statusText, headers, body, bodyUsed, ok, redirected, type, url };
    return `Response ${inspected(members, options)}`;
  }

  /** @throws TypeError as the platform says it, when the body was read before */
  #readAll(): Uint8Array | Promise<Uint8Array> {
    if (this.#isRead) throw new TypeError("Body is unusable: Body has already been read");
    const source = this.#source;
    if (source === undefined) return NO_BYTES;
    this.#isRead = true;
    if (!isStreaming(source)) return source;
    this.#handOver();
    return source.takeWhole?.(Number.POSITIVE_INFINITY) ?? readAll(source);
  }

  #asPlatform(): Response {
    if (this.#platform !== undefined) return this.#platform;
    // For the type that a blob of the body has.
    const { headers } = this;
    // Of a body that was read there is nothing left but that it was.
    const source = this.#isRead ? NO_BYTES : this.#source;
    if (!this.#isRead) this.#handOver();
    const body = isStreaming(source) ? streamOf(source) : (source ?? null);
    this.#platform = new Response(body as ConstructorParameters<typeof Response>[0], { headers });
    if (this.#isRead) this.#platform.arrayBuffer().catch(() => {});
    return this.#platform;
  }

  /** The body, for whoever makes another response of it; the stream that somebody has asked for, else what it is made of. */
  static take(response: LightResponse): BodySource | ReadableStream<Uint8Array> {
    if (response.#platform !== undefined) return response.#platform.body ?? undefined;
    const source = response.#source;
    response.#isRead = source !== undefined;
    response.#handOver();
    return source;
  }

  static has(response: LightResponse): boolean {
    return response.#source !== undefined;
  }

  static headOf(response: LightResponse): ResponseHead {
    const headers = response.#headers;
    return headers === undefined ? response.#head : { ...response.#head, headers: headerListOf(headers) };
  }

  /** Hangs up on a body that is thrown away unread. */
  static watch(response: LightResponse): void {
    const source = response.#source;
    const isHeld = !response.#isRead && response.#platform === undefined && !response.#isWatched;
    if (!isHeld || !isStreaming(source)) return;
    response.#isWatched = true;
    cancelWhenForgotten(response, source);
  }

  #handOver(): void {
    if (this.#isWatched) handOver(this);
    this.#isWatched = false;
  }
}

const NO_BYTES = new Uint8Array(0);

// Not in Node 20: whoever looks for it first must find what its `fetch` would give.
if ("bytes" in Response.prototype) {
  Object.defineProperty(LightResponse.prototype, "bytes", {
    async value(this: LightResponse): Promise<Uint8Array> {
      return new Uint8Array(await this.arrayBuffer());
    },
    configurable: true,
    writable: true,
  });
}
poseAs(LightResponse, Response);

function isStreaming(source: BodySource): source is ByteSource {
  return source !== undefined && !(source instanceof Uint8Array);
}

/** A response around a body that nobody else reads. Whoever hands it out has it {@link watched}. */
export function lightResponse(head: ResponseHead, source: BodySource): Response {
  return new LightResponse(head, source) as unknown as Response;
}

/** The same response; if it is thrown away unread, its body is hung up on. */
export function watched(response: Response): Response {
  const one: object = response;
  if (one instanceof LightResponse) LightResponse.watch(one);
  return response;
}

const soonWatched: Response[] = [];

/** The same when the current turn of the event loop is over: most are used by then, and need no watch. */
export function watchSoon(response: Response): void {
  if (soonWatched.push(response) === 1) setImmediate(watchAll);
}

function watchAll(): void {
  for (const response of soonWatched.splice(0)) watched(response);
}

/** What stands above the body of a response now. Its headers are not to be changed. */
export function headOf(response: Response): ResponseHead {
  const one: object = response;
  if (one instanceof LightResponse) return LightResponse.headOf(one);
  const { status, statusText, url, redirected } = response;
  return { status, statusText, headers: headerListOf(response.headers), url, redirected };
}

/** {@link headOf} */
export function headersOf(response: Response): HeaderList {
  return headOf(response).headers;
}

/** Whether a response has a body, without making a stream of it. */
export function hasBody(response: Response): boolean {
  const one: object = response;
  return one instanceof LightResponse ? LightResponse.has(one) : response.body !== null;
}

/** The body of a response, of which nothing was read; the response is used up. `undefined` when it has none. */
export function takeBody(response: Response): BodySource {
  const one: object = response;
  const body = one instanceof LightResponse ? LightResponse.take(one) : response.body;
  return body instanceof ReadableStream ? sourceOf(body) : (body ?? undefined);
}

/** Hangs up on a body that nobody wants. */
export function cancelBody(response: Response): void {
  const body = takeBody(response);
  if (isStreaming(body)) body.cancel(undefined);
}

/** Reads a stream; what is read must be bytes. */
export function sourceOf(stream: ReadableStream<Uint8Array>): ByteSource {
  const reader = stream.getReader();
  return {
    async read() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        // A stream may hold anything; the platform refuses it in the same words.
        if (!isUint8Array(value)) throw new TypeError("Received non-Uint8Array chunk");
        if (value.length > 0) return value;
      }
    },
    cancel: (reason) => void reader.cancel(reason).catch(() => {}),
  };
}
