/**
 * One guarded call from the caller's request to the caller's response: canonical form, route, decision, credential,
 * transport, redirects, filter, record. Every way out of it leaves exactly one record.
 */
import {
  type CanonicalRequest,
  type CompiledProxy,
  canonicalRequest,
  type Denied,
  isSallyportError,
  matchInputOf,
  RequestDeniedError,
  type Route,
  routeByUrl,
} from "@sallyport/core";
import { Admission, type Prepared } from "./admission.js";
import { CallBody } from "./call-body.js";
import type { CallContext } from "./call-context.js";
import { CallJournal } from "./call-journal.js";
import type { CallerRequest, FetchInput, GuardedRequestInit } from "./caller-request.js";
import { readCallerRequest, readCallOptions, readInit, refuseConnectionOptions } from "./caller-request.js";
import { unlessAborted } from "./deadline.js";
import { deliver } from "./delivery.js";
import { dispatchHop } from "./dispatch.js";
import { failureOf, fetchFailed } from "./failure.js";
import { limited } from "./following-signal.js";
import { DeniedHop, type Hop, hopOf } from "./hop.js";
import { requireProxy } from "./named-proxy.js";
import { NetworkDenial } from "./network/network-denial.js";
import { BODY_HEADERS, isRedirect, MAX_REDIRECTS, nextHop, ORIGIN_BOUND_HEADERS } from "./redirect.js";
import { deniedResponse } from "./response/guard-responses.js";
import { cancelBody, headOf, watched } from "./response/light-response.js";
import { isRepeatable, sendRepeatedly } from "./retry.js";

/**
 * Runs one call. Rejects as `fetch` does, and with our errors for what the guard refuses.
 *
 * @throws the same for what can be told at once
 */
export function guardedCall(
  context: CallContext,
  input: FetchInput,
  given: GuardedRequestInit | undefined,
): Promise<Response> {
  const init = readInit(given);
  refuseConnectionOptions(init);
  const { compiled } = context.options;
  const { proxy: named } = readCallOptions(init);
  const proxy = named === undefined ? context.proxy : named;
  // One that `guarded.proxy()` has bound may have left the policy since.
  const option = named === undefined ? "proxy" : "init.sallyport.proxy";
  const route = proxy === undefined ? undefined : requireProxy(compiled, option, proxy);
  const start = (caller: CallerRequest) =>
    new GuardedCall(context, caller, route ?? routeByUrl(compiled, caller.canonical)).run();
  const read = readCallerRequest(input, init, baseUrlOf(context, route));
  return read instanceof Promise ? read.then(start) : start(read);
}

function baseUrlOf({ options }: CallContext, route: Route | undefined): string | undefined {
  if (route?.kind !== "routed") return undefined;
  const baseUrl = options.compiled.proxies.get(route.proxyId)?.target.baseUrl;
  return baseUrl && `${baseUrl.origin}${baseUrl.path}`;
}

function timedOut(proxy: CompiledProxy | undefined, ms: number): string {
  return `the ${ms} ms of \`limits.totalTimeoutMs\` of target \`${proxy?.target.id}\` are over`;
}

class GuardedCall {
  readonly #context: CallContext;
  readonly #caller: CallerRequest;
  /** The caller's, and the time limit of the call's target. */
  readonly #signal: AbortSignal | undefined;
  /** When that time is up, by the world's monotonic clock. */
  readonly #deadlineMs: number | undefined;
  readonly #route: Route;
  readonly #journal: CallJournal;
  readonly #body: CallBody;
  readonly #admission: Admission;

  constructor(context: CallContext, caller: CallerRequest, route: Route) {
    this.#context = context;
    this.#caller = caller;
    this.#route = route;
    const { proxies } = context.options.compiled;
    const proxy = route.kind === "routed" ? proxies.get(route.proxyId) : undefined;
    const ms = proxy?.target.entity.limits.totalTimeoutMs;
    this.#signal = ms === undefined ? caller.signal : limited(caller.signal, ms, timedOut(proxy, ms));
    this.#deadlineMs = ms === undefined ? undefined : context.options.world.monotonicMs() + ms;
    this.#journal = new CallJournal(context.options);
    this.#body = new CallBody(caller.takeBody);
    this.#admission = new Admission(context, this.#journal, this.#body, caller.signal);
  }

  async run(): Promise<Response> {
    const { canonical } = this.#caller;
    const signal = this.#signal;
    const route = this.#route;
    const stale = this.#admission.staleness(route);
    if (stale !== undefined) {
      this.#journal.addHop(canonical, stale);
      return this.#denied(stale);
    }
    let prepared: Prepared;
    try {
      if (signal?.aborted) throw signal.reason;
      const preparing = this.#admission.prepare(route, canonical, this.#admission.contextNow(), undefined);
      prepared = preparing instanceof Promise ? await unlessAborted(signal, preparing) : preparing;
    } catch (error) {
      // It cannot be sent; the decision is for the record.
      const body = { kind: "unevaluable", reason: "the body could not be read" } as const;
      const context = { ...this.#admission.contextNow(), body };
      const { decision } = this.#admission.decide(route, { request: canonical, context });
      this.#journal.addHop(canonical, decision);
      return this.#failed(error);
    }
    const verdict = this.#admission.decide(route, prepared);
    const { decision } = verdict;
    this.#journal.addHop(prepared.request, decision);
    if (verdict.proxy === undefined) return this.#denied(verdict.decision);
    try {
      const { recorder } = this.#context;
      if (!recorder.isReady) await unlessAborted(signal, recorder.ready());
    } catch (error) {
      // A store that is set up for another region will never take this record.
      if (isSallyportError(error) && error.code === "ERR_CONFIG_INVALID") throw error;
      if (this.#signal?.aborted) return this.#failed(error);
      const why = isSallyportError(error) ? `: ${error.message}` : "";
      const { isClosed } = this.#context.recorder;
      const reason = isClosed ? "the guarded fetch is closed" : `records cannot be stored${why}`;
      return this.#denied(this.#admission.refusal("audit_unavailable", reason, decision));
    }
    try {
      return await this.#send(prepared, verdict.proxy);
    } catch (error) {
      if (error instanceof DeniedHop) return this.#denied(error.decision);
      if (error instanceof NetworkDenial)
        return this.#denied(this.#admission.refusal(error.code, error.message));
      return this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<never> {
    this.#body.cancel(error);
    this.#caller.cancelBody(error);
    await this.#journal.record(this.#context, this.#caller.hasBody, {
      outcome: failureOf(error, this.#signal),
    });
    throw error;
  }

  async #send({ request, context, dropped, filteredAs }: Prepared, proxy: CompiledProxy): Promise<Response> {
    const taken = this.#body.take();
    const body = taken instanceof Promise ? await unlessAborted(this.#signal, taken) : taken;
    const { headers } = this.#caller;
    // The host is the URL's, and lengths are those of what is sent.
    headers.deleteAll((name) => name === "host" || name === "content-length" || dropped.includes(name));
    const route = this.#route;
    let hop = hopOf({ request, context, headers, body, proxy, filteredAs, route, isTrusted: true });
    for (let redirects = 0; ; redirects++) {
      const response = await this.#dispatch(hop);
      if (!isRedirect(response) || this.#caller.redirect === "manual")
        return await this.#deliver(hop, response);
      cancelBody(response);
      if (this.#caller.redirect === "error") throw fetchFailed(new Error("unexpected redirect"));
      if (redirects === MAX_REDIRECTS) throw fetchFailed(new Error("redirect count exceeded"));
      hop = await unlessAborted(this.#signal, this.#follow(hop, response));
    }
  }

  #dispatch(hop: Hop): Promise<Response> {
    const { retry } = hop.proxy.entity;
    if (retry === undefined || !isRepeatable(retry, hop.request, hop.headers, hop.body))
      return this.#sendOnce(hop);
    return sendRepeatedly({
      retry,
      world: this.#context.options.world,
      signal: this.#signal,
      deadlineMs: this.#deadlineMs,
      closing: this.#context.closing,
      send: () => this.#sendOnce(hop),
      mayGoOut: () => this.#mayGoOutAgain(hop),
      onAgain: (attempt) => this.#journal.addAttempt(attempt),
    });
  }

  /** Rules may look at the time, and a credential may have expired since. */
  #mayGoOutAgain({ route, request, context }: Hop): boolean {
    if (!this.#context.isInForce()) return false;
    const now = this.#context.options.world.now();
    return this.#admission.decide(route, { request, context: { ...context, now } }).proxy !== undefined;
  }

  #sendOnce(hop: Hop): Promise<Response> {
    return dispatchHop(hop, {
      options: this.#context.options,
      journal: this.#journal,
      signal: this.#signal,
      extras: this.#caller.extras,
      isFiltered: hop.responseFilters.hasOperations,
    });
  }

  /** Decides on the next hop. @throws DeniedHop when it is not allowed */
  async #follow(hop: Hop, response: Response): Promise<Hop> {
    const kind = hop.body === undefined ? "none" : hop.body instanceof ReadableStream ? "stream" : "bytes";
    const next = nextHop(hop.request, response, kind);
    if (next.kind === "invalid") throw fetchFailed(new Error("invalid redirect URL"));
    if (next.kind === "denied") throw this.#refusedRedirect(hop, next.url, next.reason);
    const headers = hop.headers.copy();
    for (const name of next.dropsBody ? BODY_HEADERS : []) headers.delete(name);
    for (const name of next.isCrossOrigin ? [...ORIGIN_BOUND_HEADERS, ...this.#journal.injected] : [])
      headers.delete(name);
    const request = canonicalRequest({ url: next.url, method: next.method, headers });
    if (request === undefined) throw fetchFailed(new Error("invalid redirect URL"));
    if (next.dropsBody) this.#body.replace(undefined);
    const { dropped, ...routed } = await this.#routeHop(hop, request);
    for (const name of dropped) headers.delete(name);
    return hopOf({ headers, ...routed, body: await this.#body.take() });
  }

  /** A hop that no rule has to be asked about. */
  #refusedRedirect(hop: Hop, url: URL, reason: string): DeniedHop {
    const decision = { ...this.#admission.refusal("redirect", reason), hop: this.#journal.hops.length };
    const request = canonicalRequest({ url, method: hop.request.method }) ?? hop.request;
    this.#journal.addHop(request, decision);
    return new DeniedHop(decision);
  }

  /** What was sent before goes through the request filters of its new hop as well. */
  async #routeHop(
    hop: Hop,
    request: CanonicalRequest,
  ): Promise<Prepared & Pick<Hop, "route" | "proxy" | "isTrusted">> {
    const stays = matchInputOf(hop.proxy, request) !== undefined;
    const route: Route = stays
      ? { kind: "routed", proxyId: hop.proxy.id }
      : routeByUrl(this.#context.options.compiled, request);
    const isTrusted = stays ? hop.isTrusted : this.#mayEnter(route);
    const now = this.#admission.contextNow();
    const context = isTrusted ? now : { ...now, carriesCredential: false };
    const prepared = await this.#admission.prepare(route, request, context, hop.filteredAs);
    const verdict = this.#admission.decide(route, prepared);
    const index = this.#journal.hops.length;
    this.#journal.addHop(prepared.request, verdict.decision);
    if (verdict.proxy === undefined) throw new DeniedHop({ ...verdict.decision, hop: index });
    return { ...prepared, route, proxy: verdict.proxy, isTrusted };
  }

  /** Whether the first proxy of the call lets a redirect pick up the credential of the proxy that it leads to. */
  #mayEnter(route: Route): boolean {
    const [first] = this.#journal.hops;
    if (first === undefined || route.kind !== "routed") return false;
    return this.#admission.proxyOf(first.decision).entity.redirects.mayEnter.includes(route.proxyId);
  }

  async #deliver(hop: Hop, response: Response): Promise<Response> {
    const { options } = this.#context;
    const found = this.#admission.sources(hop.proxy);
    const { own, vars, hash } = found instanceof Promise ? await this.#orHangUp(response, found) : found;
    const { input } = hop;
    const head = headOf(response);
    const delivering = deliver({
      response,
      head,
      applicable: hop.responseFilters,
      sources: { own, vars, hash, input },
      settings: options.compiled.policy.settings,
      maxBytes: hop.proxy.target.entity.limits.maxResponseBytes,
      origin: { url: hop.request.url, redirected: this.#journal.hops.length > 1 },
      signal: this.#signal,
      onStreamEnd: (end) => this.#journal.recordStreamEnd(this.#context, end),
    });
    const delivered = delivering instanceof Promise ? await delivering : delivering;
    const { outcome, receipts, variables, bodyBytes } = delivered;
    const end = { outcome, receipts, variables, bodyBytes, responseHeaders: head.headers.joined() };
    await this.#journal.record(this.#context, this.#caller.hasBody, end);
    return watched(delivered.response);
  }

  /** What is waited for before a response can be delivered. */
  #orHangUp<T>(response: Response, found: Promise<T>): Promise<T> {
    return unlessAborted(this.#signal, found).catch((error) => {
      cancelBody(response);
      throw error;
    });
  }

  async #denied(decision: Denied): Promise<Response> {
    this.#body.cancel(undefined);
    const { lastHop } = this.#journal;
    if (lastHop !== undefined) lastHop.decision = decision;
    await this.#journal.record(this.#context, this.#caller.hasBody, {
      outcome: { result: "denied", category: "policy_denied", message: decision.reason },
    });
    if (this.#context.options.onDeny === "respond") return deniedResponse(decision);
    throw new RequestDeniedError(decision);
  }
}
