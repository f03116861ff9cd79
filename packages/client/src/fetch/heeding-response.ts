/** A response whose body ends with a signal, whether or not the `fetch` that it came from heeds it. */
import { type ByteSource, streamOf } from "../byte-source.js";
import { unlessAborted } from "../deadline.js";
import { following } from "../following-signal.js";
import { resumedResponse } from "../response/guard-responses.js";
import { headOf, sourceOf } from "../response/light-response.js";

/** The same response where there is nothing to end. */
export function heedingResponse(response: Response, signal: AbortSignal | undefined): Response {
  const { body } = response;
  if (signal === undefined || !(body instanceof ReadableStream) || body.locked) return response;
  const heeding = streamOf(heedingSource(sourceOf(body), signal));
  return resumedResponse(headOf(response), heeding, { url: response.url, redirected: response.redirected });
}

function heedingSource(source: ByteSource, signal: AbortSignal): ByteSource {
  // It may outlive a body that was thrown away, and must not keep it.
  const heeded = following(signal);
  const stop = () => source.cancel(heeded.reason);
  if (heeded.aborted) stop();
  else heeded.addEventListener("abort", stop, { once: true });
  return {
    async read() {
      if (heeded.aborted) throw heeded.reason;
      return unlessAborted(heeded, source.read());
    },
    cancel: (reason) => source.cancel(reason),
  };
}
