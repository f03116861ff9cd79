/** The options of nearly all calls, read without the platform's `Request`, which would make the same of them. */
import { isProxy } from "node:util/types";
import { isGuardHeader } from "@sallyport/core";
import { HeaderList, isHeaderName, isHeaderValue } from "./headers/header-list.js";
import { headerListOf } from "./headers/light-headers.js";

export interface PlainOptions {
  /** @default "GET" */
  readonly method: string;
  /** With the `content-type` of the body; none of the guard's own. */
  readonly headers: HeaderList;
  readonly body: Uint8Array | undefined;
  /** Not looked at. */
  readonly signal: AbortSignal | undefined;
  readonly redirect: "follow" | "manual" | "error";
}

const PLAIN_MEMBERS = new Set(["method", "headers", "body", "signal", "redirect", "sallyport"]);

/**
 * @param init - read once by its caller: a plain object
 * @returns `undefined` where the platform has to look: at other members, at what it would convert, and at what it would
 *   refuse
 */
export function plainOptions(init: RequestInit): PlainOptions | undefined {
  for (const name of Object.keys(init))
    if (!PLAIN_MEMBERS.has(name) && init[name as keyof RequestInit] !== undefined) return undefined;
  const { method = "GET", redirect = "follow", signal } = init;
  if (typeof method !== "string") return undefined;
  if (redirect !== "follow" && redirect !== "manual" && redirect !== "error") return undefined;
  const body = plainBody(init.body);
  const headers = body && plainHeaders(init.headers);
  if (headers === undefined) return undefined;
  if (body?.type !== undefined && !headers.has("content-type")) headers.append("content-type", body.type);
  return { method, headers, body: body?.bytes, signal: signal ?? undefined, redirect };
}

function plainHeaders(given: RequestInit["headers"]): HeaderList | undefined {
  if (given === undefined) return new HeaderList();
  if (typeof given !== "object" || given === null || isProxy(given)) return undefined;
  if (given instanceof Headers) {
    const list = headerListOf(given).copy();
    list.deleteAll(isGuardHeader);
    return list;
  }
  const prototype: unknown = Object.getPrototypeOf(given);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain ? listOfRecord(given as Record<string, unknown>) : undefined;
}

function listOfRecord(given: Readonly<Record<string, unknown>>): HeaderList | undefined {
  // A thing to iterate over would be taken for a list, and a symbol for a mistake.
  if (Symbol.iterator in given || Object.getOwnPropertySymbols(given).length > 0) return undefined;
  const list = new HeaderList();
  for (const name of Object.getOwnPropertyNames(given)) {
    const value = given[name];
    if (typeof value !== "string" || !isHeaderName(name) || !isHeaderValue(value)) return undefined;
    const key = name.toLowerCase();
    // How it joins repeats, the platform knows.
    if (list.has(key)) return undefined;
    if (!isGuardHeader(key)) list.append(key, value);
  }
  return list;
}

interface PlainBody {
  readonly bytes: Uint8Array | undefined;
  /** The `content-type` that it has unless the caller says otherwise (Fetch standard, "extract a body"). */
  readonly type: string | undefined;
}

const NO_BODY: PlainBody = { bytes: undefined, type: undefined };

const encoder = new TextEncoder();

function plainBody(given: RequestInit["body"] | null): PlainBody | undefined {
  if (given === undefined || given === null) return NO_BODY;
  if (typeof given === "string") return { bytes: encoder.encode(given), type: "text/plain;charset=UTF-8" };
  if (given instanceof URLSearchParams) {
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    return { bytes: encoder.encode(String(given)), type };
  }
  // A copy: the caller may write into it again.
  const isOfBytes = given instanceof Uint8Array && given.buffer instanceof ArrayBuffer && given.length > 0;
  return isOfBytes ? { bytes: new Uint8Array(given), type: undefined } : undefined;
}
