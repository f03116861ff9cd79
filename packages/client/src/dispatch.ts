/** One hop on its way out: the network guard asked, the credential set, the transport called. */
import { type CanonicalRequest, type CompiledProxy, ConfigError } from "@sallyport/core";
import type { SentBody } from "./body.js";
import type { CallJournal } from "./call-journal.js";
import { unlessAborted } from "./deadline.js";
import type { HeaderList } from "./headers/header-list.js";
import { lightHeaders } from "./headers/light-headers.js";
import { type CredentialedRequest, withCredential } from "./injection.js";
import { refusalOfHost } from "./network/guarded-connector.js";
import { NetworkDenial, UNPINNED_CREDENTIAL } from "./network/network-denial.js";
import { type NetworkGuard, networkGuardOf } from "./network/network-guard.js";
import type { CheckedOptions } from "./options.js";
import { cancelBody } from "./response/light-response.js";

/** The request of one hop, as it was decided on. */
export interface HopToSend {
  readonly request: CanonicalRequest;
  readonly headers: HeaderList;
  readonly body: SentBody;
  readonly proxy: CompiledProxy;
  /** Whether the target's credential may go along. */
  readonly isTrusted: boolean;
}

export interface Dispatch {
  readonly options: CheckedOptions;
  readonly journal: CallJournal;
  readonly signal: AbortSignal | undefined;
  readonly extras: Readonly<Record<string, unknown>>;
  /** Whether a filter will look at the response. */
  readonly isFiltered: boolean;
}

/**
 * Sends a hop and resolves at the headers of its answer.
 *
 * @throws NetworkDenial when the network guard refuses the connection; nothing of the hop was sent
 * @throws CredentialError when the credential cannot be opened; nothing of the hop was sent
 */
export function dispatchHop(hop: HopToSend, dispatch: Dispatch): Promise<Response> {
  const { options, signal } = dispatch;
  const { request } = hop;
  const guard = networkGuardOf(hop.proxy.target);
  const refused = refusalOfHost(guard, request.host);
  if (refused !== undefined) throw refused;
  const isUnpinned = (options.transport.pinning?.() ?? "unpinned") === "unpinned";
  if (isUnpinned && !guard.isLoopback && sendsCredential(hop))
    throw new NetworkDenial("network", UNPINNED_CREDENTIAL);
  const credentialed = withCredential(
    { url: request.url, origin: request.origin, headers: hop.headers },
    hop.proxy.targetCredential,
    hop.isTrusted,
    options,
  );
  if (!(credentialed instanceof Promise)) return send(hop, credentialed, guard, dispatch);
  return unlessAborted(signal, credentialed).then((opened) => send(hop, opened, guard, dispatch));
}

function send(
  { request, body }: HopToSend,
  { url, headers, injected }: CredentialedRequest,
  guard: NetworkGuard,
  { options, journal, signal, extras, isFiltered }: Dispatch,
): Promise<Response> {
  if (injected !== undefined) journal.injected.add(injected);
  // A part of a document cannot be filtered.
  if (isFiltered) headers.delete("range");
  const sentAt = options.world.monotonicMs();
  const hop = journal.lastHop;
  const sent = options.transport({
    url,
    method: request.method,
    headers: lightHeaders(headers),
    body,
    signal,
    extras,
    guard,
    isCredentialed: injected !== undefined,
    isFiltered,
    onConnection: (connection) => {
      if (hop !== undefined) hop.connection = connection;
    },
  });
  return answerOf(signal, Promise.resolve(sent)).then((response) => {
    if (!isResponse(response))
      throw new ConfigError("transport", "it gave something that is no `Response`", {
        help: "resolve to the `Response` of a `fetch`, or to a `new Response()`",
      });
    journal.waitMs = (journal.waitMs ?? 0) + (options.world.monotonicMs() - sentAt);
    if (hop !== undefined) hop.status = response.status;
    return response;
  });
}

/**
 * Ends with the signal, which a `fetch` of somebody else's may not heed. Apart from where the request is made: what is
 * given to the transport must not know the response, or a body that is thrown away is kept.
 */
function answerOf(signal: AbortSignal | undefined, sent: Promise<Response>): Promise<Response> {
  if (signal === undefined) return sent;
  return unlessAborted(signal, sent).catch((error) => {
    if (signal.aborted) sent.then(cancelBody).catch(() => {});
    throw error;
  });
}

/** Of whatever class: a `fetch` of another library has its own. */
function isResponse(given: unknown): given is Response {
  if (given instanceof Response) return true;
  if (typeof given !== "object" || given === null) return false;
  const { status, headers, text } = given as Partial<Response>;
  return typeof status === "number" && typeof headers?.get === "function" && typeof text === "function";
}

/** Whether a secret of ours is to go along. */
function sendsCredential({ proxy, isTrusted }: HopToSend): boolean {
  return (
    isTrusted && proxy.targetCredential !== undefined && proxy.targetCredential.entity.authType !== "none"
  );
}
