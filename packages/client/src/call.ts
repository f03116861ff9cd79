/**
 * One guarded call from the caller's request to the caller's response: canonical form, route, decision, credential,
 * transport, redirects, filter, record. Every way out of it leaves exactly one record.
 */
import {
  type CompiledProxy,
  canonicalRequest,
  type Decision,
  type Denied,
  decide,
  InternalError,
  isSallyportError,
  matchInputOf,
  RequestDeniedError,
  type Route,
  routeByUrl,
} from "@sallyport/core";
import { filtersFor, matchInputFor } from "./applicable.js";
import { CallJournal } from "./call-journal.js";
import type { CallerRequest, FetchInput, GuardedRequestInit } from "./caller-request.js";
import { readCallerRequest, readCallOptions, readInit, refuseConnectionOptions } from "./caller-request.js";
import { unlessAborted } from "./deadline.js";
import { deliver } from "./delivery.js";
import { failureOf, networkError } from "./failure.js";
import type { Identity } from "./identity.js";
import { withCredential } from "./injection.js";
import { requireProxy } from "./named-proxy.js";
import type { CheckedOptions } from "./options.js";
import type { Recorder } from "./recorder.js";
import { BODY_HEADERS, isRedirect, MAX_REDIRECTS, nextHop, ORIGIN_BOUND_HEADERS } from "./redirect.js";
import { deniedResponse } from "./responses.js";

export interface CallContext {
  readonly options: CheckedOptions;
  readonly recorder: Recorder;
  readonly identity: Identity;
  /** Id or alias of the proxy that the calling code named. */
  readonly proxy: string | undefined;
}

/** Runs one call. Rejects as `fetch` does, and with our errors for what the guard refuses. */
export async function guardedCall(
  context: CallContext,
  input: FetchInput,
  given: GuardedRequestInit | undefined,
): Promise<Response> {
  const init = readInit(given);
  refuseConnectionOptions(init);
  const { compiled } = context.options;
  const { proxy = context.proxy } = readCallOptions(init);
  const route = proxy === undefined ? undefined : requireProxy(compiled, "init.sallyport.proxy", proxy);
  const caller = readCallerRequest(input, init, baseUrlOf(context, route));
  const call = new GuardedCall(context, caller);
  return call.run(route ?? routeByUrl(compiled, caller.canonical));
}

function baseUrlOf({ options }: CallContext, route: Route | undefined): string | undefined {
  if (route?.kind !== "routed") return undefined;
  const baseUrl = options.compiled.proxies.get(route.proxyId)?.target.baseUrl;
  return baseUrl && `${baseUrl.origin}${baseUrl.path}`;
}

type Body = Uint8Array | ReadableStream<Uint8Array> | undefined;

/** The request of one hop, before the credential. */
interface Hop {
  readonly request: CallerRequest["canonical"];
  readonly headers: Headers;
  readonly body: Body;
  readonly proxy: CompiledProxy;
  /** Whether the target's credential may go along. */
  readonly isTrusted: boolean;
}

class GuardedCall {
  readonly #context: CallContext;
  readonly #caller: CallerRequest;
  readonly #journal: CallJournal;

  constructor(context: CallContext, caller: CallerRequest) {
    this.#context = context;
    this.#caller = caller;
    this.#journal = new CallJournal(context.options);
  }

  async run(route: Route): Promise<Response> {
    const decision = this.#decide(route, this.#caller.canonical);
    this.#journal.hops.push({ request: this.#caller.canonical, decision });
    if (decision.effect === "deny") return this.#denied(decision);
    try {
      await unlessAborted(this.#caller.signal, this.#context.recorder.ready());
    } catch (error) {
      // A store that is set up for another region will never take this record.
      if (isSallyportError(error) && error.code === "ERR_CONFIG_INVALID") throw error;
      if (this.#caller.signal?.aborted === true) return this.#failed(error);
      const why = isSallyportError(error) ? `: ${error.message}` : "";
      return this.#denied(this.#refusal("audit_unavailable", `records cannot be stored${why}`, decision));
    }
    try {
      return await this.#send(decision.proxyId);
    } catch (error) {
      if (error instanceof DeniedHop) return this.#denied(error.decision);
      return this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<never> {
    await this.#journal.record(this.#context, this.#caller.hasBody, {
      outcome: failureOf(error, this.#caller.signal),
    });
    throw error;
  }

  #decide(route: Route, request: CallerRequest["canonical"]): Decision {
    const { world, compiled } = this.#context.options;
    const before = world.monotonicMs();
    const { proxyCredential } = this.#context.identity;
    const decision =
      route.kind === "unrouted"
        ? // What can never be sent is said first: such a URL has no route worth naming.
          request.refusal === undefined
          ? route.decision
          : { ...route.decision, code: "unevaluable" as const, reason: request.refusal }
        : decide(compiled, route.proxyId, {
            ...request,
            now: world.now(),
            ...(proxyCredential === undefined ? {} : { proxyCredential }),
          });
    this.#journal.policyMs += world.monotonicMs() - before;
    return decision.effect === "allow" ? this.#inRegion(decision) : decision;
  }

  /** Operational data stays in its region: this process records in the policy's. */
  #inRegion(decision: Decision): Decision {
    const { policy } = this.#context.options.compiled;
    const region = this.#proxyOf(decision).region;
    if (region === policy.region) return decision;
    return this.#refusal(
      "unrouted",
      `proxy \`${decision.proxyId}\` is in region \`${region}\`, this process in \`${policy.region}\``,
      decision,
    );
  }

  async #send(proxyId: string): Promise<Response> {
    let hop: Hop = {
      request: this.#caller.canonical,
      headers: new Headers(this.#caller.headers),
      body: await unlessAborted(this.#caller.signal, this.#caller.takeBody()),
      proxy: this.#proxyOf({ proxyId }),
      isTrusted: true,
    };
    // The host is the URL's, and lengths are those of what is sent.
    for (const name of ["host", "content-length"]) hop.headers.delete(name);
    for (let redirects = 0; ; redirects++) {
      const response = await this.#dispatch(hop);
      this.#journal.amendLastHop({ status: response.status });
      if (!isRedirect(response) || this.#caller.redirect === "manual") return this.#deliver(hop, response);
      response.body?.cancel().catch(() => {});
      if (this.#caller.redirect === "error") throw networkError("unexpected redirect");
      if (redirects === MAX_REDIRECTS) throw networkError("redirect count exceeded");
      hop = this.#follow(hop, response);
    }
  }

  async #dispatch(hop: Hop): Promise<Response> {
    const { options } = this.#context;
    const { url, headers, injected } = await unlessAborted(
      this.#caller.signal,
      withCredential(
        { url: hop.request.url, origin: hop.request.origin, headers: hop.headers },
        hop.proxy.targetCredential,
        hop.isTrusted,
        options,
      ),
    );
    if (injected !== undefined) this.#journal.injected.add(injected);
    const applicable = filtersFor(hop.proxy, hop.request, this.#context.identity.proxyCredential);
    // A part of a document cannot be filtered.
    if (applicable.hasOperations) headers.delete("range");
    const before = options.world.monotonicMs();
    const response = await options.transport({
      url,
      method: hop.request.method,
      headers,
      body: hop.body,
      signal: this.#caller.signal,
      extras: this.#caller.extras,
    });
    this.#journal.waitMs = (this.#journal.waitMs ?? 0) + (options.world.monotonicMs() - before);
    return response;
  }

  /** Decides on the next hop. @throws DeniedHop when it is not allowed */
  #follow(hop: Hop, response: Response): Hop {
    const kind = hop.body === undefined ? "none" : hop.body instanceof Uint8Array ? "bytes" : "stream";
    const next = nextHop(hop.request, response, kind);
    if (next.kind === "invalid") throw networkError("invalid redirect URL");
    if (next.kind === "denied") throw this.#refusedRedirect(hop, next.url, next.reason);
    const headers = new Headers(hop.headers);
    for (const name of next.dropsBody ? BODY_HEADERS : []) headers.delete(name);
    for (const name of next.isCrossOrigin ? [...ORIGIN_BOUND_HEADERS, ...this.#journal.injected] : [])
      headers.delete(name);
    const request = canonicalRequest({ url: next.url, method: next.method, headers });
    if (request === undefined) throw networkError("invalid redirect URL");
    const { proxyId, isTrusted } = this.#routeHop(hop, request);
    return {
      request,
      headers,
      body: next.dropsBody ? undefined : hop.body,
      proxy: this.#proxyOf({ proxyId }),
      isTrusted,
    };
  }

  /** A hop that no rule has to be asked about. */
  #refusedRedirect(hop: Hop, url: URL, reason: string): DeniedHop {
    const decision = { ...this.#refusal("redirect", reason), hop: this.#journal.hops.length };
    const request = canonicalRequest({ url, method: hop.request.method }) ?? hop.request;
    this.#journal.hops.push({ request, decision });
    return new DeniedHop(decision);
  }

  #routeHop(hop: Hop, request: CallerRequest["canonical"]): { proxyId: string; isTrusted: boolean } {
    const stays = matchInputOf(hop.proxy, request) !== undefined;
    const route: Route = stays
      ? { kind: "routed", proxyId: hop.proxy.id }
      : routeByUrl(this.#context.options.compiled, request);
    const decision = this.#decide(route, request);
    const index = this.#journal.hops.length;
    this.#journal.hops.push({ request, decision });
    if (decision.effect === "deny") throw new DeniedHop({ ...decision, hop: index });
    const [first] = this.#journal.hops;
    const mayEnter = first === undefined ? [] : this.#proxyOf(first.decision).entity.redirects.mayEnter;
    return {
      proxyId: decision.proxyId,
      isTrusted: stays ? hop.isTrusted : mayEnter.includes(decision.proxyId),
    };
  }

  async #deliver(hop: Hop, response: Response): Promise<Response> {
    const { identity, options } = this.#context;
    const delivered = await deliver({
      response,
      applicable: filtersFor(hop.proxy, hop.request, this.#context.identity.proxyCredential),
      exchange: {
        input: matchInputFor(hop.proxy, hop.request),
        own: { credentialId: identity.proxyCredential, proxyId: hop.proxy.id, requestId: this.#journal.id },
        vars: identity.vars ?? {},
      },
      settings: options.compiled.policy.settings,
      origin: { url: hop.request.url, redirected: this.#journal.hops.length > 1 },
    });
    await this.#journal.record(this.#context, this.#caller.hasBody, {
      ...delivered,
      responseHeaders: new Map(response.headers),
    });
    return delivered.response;
  }

  async #denied(decision: Denied): Promise<Response> {
    this.#journal.amendLastHop({ decision });
    await this.#journal.record(this.#context, this.#caller.hasBody, {
      outcome: { result: "denied", category: "policy_denied", message: decision.reason },
    });
    if (this.#context.options.onDeny === "respond") return deniedResponse(decision);
    throw new RequestDeniedError(decision);
  }

  #refusal(code: Denied["code"], reason: string, decision?: Decision): Denied {
    const { decision: last } = this.#journal.lastHop ?? {};
    const proxyId = (decision ?? last)?.proxyId;
    const hop = this.#journal.hops.length - 1;
    return {
      effect: "deny",
      code,
      reason,
      scopes: (decision ?? last)?.scopes ?? [],
      ...(proxyId === undefined ? {} : { proxyId }),
      ...(hop > 0 ? { hop } : {}),
    };
  }

  #proxyOf({ proxyId }: { readonly proxyId?: string }): CompiledProxy {
    const proxy = proxyId === undefined ? undefined : this.#context.options.compiled.proxies.get(proxyId);
    if (proxy === undefined) throw new InternalError("an allowed call has no proxy");
    return proxy;
  }
}

/** Leaves the chain of hops for a denial. Never reaches a caller. */
class DeniedHop extends Error {
  readonly decision: Denied;

  constructor(decision: Denied) {
    super(decision.reason);
    this.decision = decision;
  }
}
