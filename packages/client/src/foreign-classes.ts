/**
 * Requests and bodies of classes that are not the platform's own: of an undici from npm, of node-fetch and other
 * polyfills, of another realm. The platform's `fetch` takes what it does not know for text: it sends `[object FormData]`, and
 * finds that `[object Request]` is no URL. Here they become the platform's, or are refused: never is their name sent.
 */

import { Blob, File } from "node:buffer";
import { Readable } from "node:stream";
import { fetchFailed } from "./failure.js";

type Body = NonNullable<RequestInit["body"]>;

/** What is known of a `Request` of another class before anything is read of it. */
export interface ForeignRequest {
  readonly url: string;
  readonly method: string;
  readonly headers?: RequestInit["headers"];
  readonly body?: unknown;
  readonly bodyUsed?: boolean;
  readonly redirect?: RequestInit["redirect"];
  readonly integrity?: string;
}

/** Tells a `Request` of another class by what it says of itself, since `instanceof` cannot. */
export function isForeignRequest(input: unknown): input is ForeignRequest {
  if (typeof input !== "object" || input === null || brandOf(input) !== "Request") return false;
  const { url, method } = input as Partial<ForeignRequest>;
  return typeof url === "string" && typeof method === "string";
}

/**
 * The same as a `Request` of the platform's. Its signal is left out, so that nothing has to listen to it.
 *
 * @param withBody - whether its body is sent; it is read through the result
 * @throws TypeError when the body was read already, or is none that can be read
 */
export function platformRequest(
  foreign: ForeignRequest,
  { withBody }: { readonly withBody: boolean },
): Request {
  // A class has its members on its prototype: they are named, not spread.
  const { url, method, headers = {}, redirect = "follow", integrity = "" } = foreign;
  const init = { method, headers, redirect, integrity };
  const body = withBody ? (foreign.body ?? undefined) : undefined;
  if (body === undefined) return new Request(url, init);
  // The streams of node-fetch are Node's own, which it does not look at.
  if (foreign.bodyUsed === true || Readable.isDisturbed(body as Readable))
    throw new TypeError("the body of `input` was read already: give a request that nobody has read");
  return new Request(url, { ...init, body: platformStream(body), duplex: "half" } as RequestInit);
}

/** Of the body of a request of another class, which is a stream of one kind or another. */
function platformStream(body: unknown): Body {
  if (body instanceof ReadableStream || ArrayBuffer.isView(body)) return body as Body;
  if (typeof body === "object" && body !== null) {
    if (brandOf(body) === "ReadableStream") return streamOf(body as ReadableStream<Uint8Array>);
    if (Symbol.asyncIterator in body) return body as AsyncIterable<Uint8Array>;
  }
  throw new TypeError(
    "the body of `input`, a `Request` of another library, is no stream that can be read: make it with the platform's `Request`",
  );
}

/**
 * A body of another class as one of the platform's.
 *
 * @returns `undefined` for what the platform takes as it is; a promise where a `Blob` or `File` has to be read, which rejects as
 *   `fetch` does when that fails
 * @throws TypeError for what says that it is a form or a file and cannot be read as one
 */
export function platformBody(given: unknown): Body | Promise<Body> | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  switch (brandOf(given)) {
    case "FormData":
      return given instanceof FormData && isTakenAsIs(given) ? undefined : platformForm(given);
    case "Blob":
    case "File":
      return given instanceof Blob ? undefined : platformBlob(given as ForeignBlob);
    case "URLSearchParams":
      return given instanceof URLSearchParams ? undefined : new URLSearchParams(String(given));
    case "ReadableStream":
      return given instanceof ReadableStream ? undefined : streamOf(given as ReadableStream<Uint8Array>);
    default:
      return undefined;
  }
}

/** What an object says that it is. Of `form-data` only its later versions do. */
function brandOf(given: object): string | undefined {
  const tag = (given as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag === "string") return tag;
  return "append" in given && "getHeaders" in given ? "FormData" : undefined;
}

/** The type that the platform gives a body which it takes for text. */
const TYPE_OF_TEXT = "text/plain;charset=UTF-8";

const taken = new WeakMap<object, boolean>();

/** Whether the global `FormData` is the one that the global `Request` knows: a test environment may have replaced either. */
function isTakenAsIs(form: FormData): boolean {
  const prototype: object = Object.getPrototypeOf(form);
  let answer = taken.get(prototype);
  if (answer === undefined) {
    answer = new Response(form).headers.get("content-type") !== TYPE_OF_TEXT;
    taken.set(prototype, answer);
  }
  return answer;
}

/** Of files: their bytes, name and type are read, and no more. */
interface ForeignBlob {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly arrayBuffer?: () => Promise<ArrayBuffer>;
}

type Part = string | File;

function platformForm(given: object): Body | Promise<Body> {
  if (!(Symbol.iterator in given)) {
    throw new TypeError(
      "`init.body` is a `FormData` of another library, whose entries cannot be read: make it with the platform's `FormData`",
    );
  }
  const names: string[] = [];
  const parts: (Part | (() => Promise<Part>))[] = [];
  for (const [name, value] of given as Iterable<readonly [unknown, unknown]>) {
    names.push(String(name));
    parts.push(platformPart(value));
  }
  // Nothing is read before all of it can be.
  if (!parts.some((part) => typeof part === "function")) return formOf(names, parts as Part[]);
  const reading = parts.map((part) => (typeof part === "function" ? part() : part));
  return Promise.all(reading).then((read) => formOf(names, read));
}

function platformPart(value: unknown): Part | (() => Promise<Part>) {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof File) return value;
  const { name } = value as ForeignBlob;
  const called = typeof name === "string" ? name : "blob";
  if (value instanceof Blob) return new File([value], called, { type: value.type });
  const type = typeOf(value);
  const read = readerOf(value);
  return async () => new File([await read()], called, type);
}

function formOf(names: readonly string[], parts: readonly Part[]): FormData {
  const form = new FormData();
  for (const [index, part] of parts.entries()) {
    const name = names[index] ?? "";
    if (typeof part === "string") form.append(name, part);
    else form.append(name, part);
  }
  if (isTakenAsIs(form)) return form;
  throw new TypeError(
    "`init.body` is a `FormData`, and the global `FormData` is not that of the global `Request`: something has replaced one of them",
  );
}

function platformBlob(given: ForeignBlob): Promise<Body> {
  const type = typeOf(given);
  const read = readerOf(given);
  return read().then((bytes) => new Blob([bytes], type));
}

function typeOf({ type }: ForeignBlob): { readonly type: string } {
  return { type: typeof type === "string" ? type : "" };
}

function readerOf(given: ForeignBlob): () => Promise<Uint8Array<ArrayBuffer>> {
  if (typeof given.arrayBuffer !== "function") {
    throw new TypeError(
      "`init.body` is or holds a file of another library that cannot be read, as it has no `arrayBuffer()`: make it with the platform's `File`",
    );
  }
  return async () => {
    try {
      return new Uint8Array((await given.arrayBuffer?.()) ?? []);
    } catch (cause) {
      throw fetchFailed(cause);
    }
  };
}

/** Reads on only as it is read. */
function streamOf(given: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = given.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
