/** A request as the `init` of a `fetch`. */
import type { TransportRequest } from "../transport.js";

export function initOf({ extras, method, headers, body, signal }: TransportRequest): RequestInit {
  const init: RequestInit & { duplex?: "half" } = { ...extras, method, headers, redirect: "manual" };
  if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = "half";
  if (signal !== undefined) init.signal = signal;
  return init;
}
