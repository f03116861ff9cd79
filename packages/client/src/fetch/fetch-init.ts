/** A request as the `init` of a `fetch`. */
import { following } from "../following-signal.js";
import type { TransportRequest } from "../transport.js";

export function initOf({ extras, method, headers, body, signal }: TransportRequest): RequestInit {
  const init: RequestInit & { duplex?: "half" } = { ...extras, method, headers, redirect: "manual" };
  if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = "half";
  // One of its own: the platform leaves its listeners on the signal it is given until that is collected.
  if (signal !== undefined) init.signal = signal instanceof AbortSignal ? following(signal) : signal;
  return init;
}
