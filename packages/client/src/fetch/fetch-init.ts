/** A request as the `init` of a `fetch`. */
import { following } from "../following-signal.js";
import type { HeaderList } from "../headers/header-list.js";
import { headerListOf } from "../headers/light-headers.js";
import type { TransportRequest } from "../transport.js";

/** The same for the platform's `fetch`, which is slow to read headers that are not its own. */
export function platformInitOf(request: TransportRequest): RequestInit {
  const init = initOf(request);
  init.headers = recordOf(headerListOf(request.headers)) ?? request.headers;
  return init;
}

/** `undefined` where a name is repeated: how such are joined, the platform knows. */
function recordOf({ flat }: HeaderList): Record<string, string> | undefined {
  // Any name can stand in it.
  const record: Record<string, string> = Object.create(null);
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? "";
    if (name in record) return undefined;
    record[name] = flat[index + 1] ?? "";
  }
  return record;
}

export function initOf({ extras, method, headers, body, signal }: TransportRequest): RequestInit {
  const init: RequestInit & { duplex?: "half" } = { ...extras, method, headers, redirect: "manual" };
  if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = "half";
  // One of its own: the platform leaves its listeners on the signal it is given until that is collected.
  if (signal !== undefined) init.signal = signal instanceof AbortSignal ? following(signal) : signal;
  return init;
}
