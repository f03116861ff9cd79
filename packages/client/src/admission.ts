/** What the policy says of a hop: the request filters go over its body, rules look at what is left, and it is decided. */
import {
  type CanonicalRequest,
  type CompiledProxy,
  type Decision,
  type DecisionContext,
  type Denied,
  decide,
  type ExchangeSources,
  InternalError,
  inspectsBody,
  isOnlyObserved,
  type RequestFiltering,
  type Route,
} from "@sallyport/core";
import { inspected } from "./body.js";
import type { CallBody } from "./call-body.js";
import type { CallContext } from "./call-context.js";
import type { CallJournal } from "./call-journal.js";
import {
  type AppliedFilters,
  filteredHop,
  REQUEST_FRAMING_HEADERS,
  requestFiltersFor,
} from "./request-filtering.js";

/** A decision, and the proxy through which the call goes on: if it is allowed, or its proxy only observes. */
export type Verdict =
  | { readonly decision: Decision; readonly proxy: CompiledProxy }
  | { readonly decision: Denied; readonly proxy: undefined };

/** A request and its body after the request filters: what rules see, and what is sent. */
export interface Prepared {
  readonly request: CanonicalRequest;
  readonly context: DecisionContext;
  /** Headers that no longer hold. */
  readonly dropped: readonly string[];
  readonly filteredAs: RequestFiltering | undefined;
}

type OwnSources = Omit<ExchangeSources, "input">;

const NONE: readonly string[] = [];
const NO_VARS = {};

/** Whether the hops of one call may go on, and with which body. What it decides, the caller writes down. */
export class Admission {
  readonly #context: CallContext;
  readonly #journal: CallJournal;
  readonly #body: CallBody;
  readonly #signal: AbortSignal | undefined;

  constructor(
    context: CallContext,
    journal: CallJournal,
    body: CallBody,
    /** Ends the reading of a body. */
    signal: AbortSignal | undefined,
  ) {
    this.#context = context;
    this.#journal = journal;
    this.#body = body;
    this.#signal = signal;
  }

  /** The denial of every call once the policy is too old to go by, whatever it says. */
  staleness(route: Route): Denied | undefined {
    const { staleness } = this.#context.options;
    if (staleness === undefined) return undefined;
    const proxyId = route.kind === "routed" ? { proxyId: route.proxyId } : {};
    return { effect: "deny", code: "unevaluable", reason: staleness, scopes: [], ...proxyId };
  }

  /** What is known of the call now, beside its request. */
  contextNow(): DecisionContext {
    const { proxyCredential, actor, token } = this.#context.identity;
    return { now: this.#context.options.world.now(), proxyCredential, actor, token };
  }

  /**
   * Runs the request filters and takes the body as far as a rule in force wants to look at it; what is left is what is
   * sent. At once, where nothing looks at the body.
   *
   * @param filteredAs - how the body was filtered on the hop before
   */
  prepare(
    route: Route,
    request: CanonicalRequest,
    context: DecisionContext,
    filteredAs: RequestFiltering | undefined,
  ): Prepared | Promise<Prepared> {
    const { compiled } = this.#context.options;
    const proxy = route.kind === "routed" ? compiled.proxies.get(route.proxyId) : undefined;
    const prepared = { request, context, dropped: NONE, filteredAs };
    if (proxy === undefined) return prepared;
    const filters = requestFiltersFor(proxy, request, context);
    if (filters !== undefined) return this.#filtered(proxy, filters, prepared);
    return inspectsBody(proxy, context.proxyCredential) ? this.#inspected(prepared) : prepared;
  }

  async #filtered(proxy: CompiledProxy, filters: AppliedFilters, given: Prepared): Promise<Prepared> {
    const { request, context, filteredAs } = given;
    const { settings } = this.#context.options.compiled.policy;
    const filtered = await filteredHop(filters, {
      ...{ request, settings, filteredAs },
      takeBody: () => this.#body.take(),
      sources: () => this.sources(proxy),
      signal: this.#signal,
    });
    this.#body.replace(filtered.body);
    this.#journal.addFiltered(filtered.outcome);
    const prepared: Prepared = {
      ...{ request: filtered.request, context },
      dropped: filtered.outcome.isRewritten ? REQUEST_FRAMING_HEADERS : NONE,
      filteredAs: filtered.outcome.filteredAs ?? filteredAs,
    };
    if (filtered.outcome.body.kind === "refused")
      return { ...prepared, context: { ...context, body: filtered.outcome.body } };
    return inspectsBody(proxy, context.proxyCredential) ? this.#inspected(prepared) : prepared;
  }

  async #inspected(prepared: Prepared): Promise<Prepared> {
    const { maxRequestInspectBytes } = this.#context.options.compiled.policy.settings;
    const { body, seen } = await inspected(await this.#body.take(), maxRequestInspectBytes, this.#signal);
    this.#body.replace(body);
    return { ...prepared, context: { ...prepared.context, body: seen } };
  }

  /** Of both, what {@link prepare} left. */
  decide(route: Route, { request, context }: Pick<Prepared, "request" | "context">): Verdict {
    const { world, compiled } = this.#context.options;
    const before = world.monotonicMs();
    const decision =
      route.kind === "unrouted"
        ? // What can never be sent is said first: such a URL has no route worth naming.
          request.refusal === undefined
          ? route.decision
          : { ...route.decision, code: "unevaluable" as const, reason: request.refusal }
        : decide(compiled, route.proxyId, request, context);
    this.#journal.policyMs += world.monotonicMs() - before;
    if (decision.effect === "deny" && !isOnlyObserved(compiled, decision, request, context))
      return { decision, proxy: undefined };
    const proxy = this.proxyOf(decision);
    const refusal = this.#regionRefusal(proxy, decision);
    return refusal === undefined ? { decision, proxy } : { decision: refusal, proxy: undefined };
  }

  /** What the variables of filters are read from, beside the request. */
  sources(proxy: CompiledProxy): OwnSources | Promise<OwnSources> {
    const hash = this.#context.options.hash();
    if (hash instanceof Promise) return hash.then((known) => this.#sourcesOf(proxy, known));
    return this.#sourcesOf(proxy, hash);
  }

  #sourcesOf(proxy: CompiledProxy, hash: OwnSources["hash"]): OwnSources {
    const { proxyCredential, vars = NO_VARS } = this.#context.identity;
    const own = { credentialId: proxyCredential, proxyId: proxy.id, requestId: this.#journal.id };
    return { own, vars, hash };
  }

  /** A denial that is not the policy's. */
  refusal(code: Denied["code"], reason: string, decision?: Decision): Denied {
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

  /** @throws InternalError for a decision about no proxy */
  proxyOf({ proxyId }: Pick<Decision, "proxyId">): CompiledProxy {
    const proxy = proxyId === undefined ? undefined : this.#context.options.compiled.proxies.get(proxyId);
    if (proxy === undefined) throw new InternalError("an allowed call has no proxy");
    return proxy;
  }

  /** Operational data stays in its region: this process records in the policy's. */
  #regionRefusal({ id, region }: CompiledProxy, decision: Decision): Denied | undefined {
    const { policy } = this.#context.options.compiled;
    if (region === policy.region) return undefined;
    const reason = `proxy \`${id}\` is in region \`${region}\`, this process in \`${policy.region}\``;
    return this.refusal("unrouted", reason, decision);
  }
}
