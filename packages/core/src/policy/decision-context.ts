/** What is known about a call beside its canonical request. */

/** On whose behalf a call is made. Whoever gives it vouches for it: it is not verified again. */
export interface Actor {
  readonly type: "user" | "service" | "system";
  readonly id: string;
  readonly tenant?: string | undefined;
  /** JSON data; rules see it as fields `claims.*`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** A request's body as far as it may be inspected. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** There is one, and it cannot be looked at. `reason` is a sentence without data of the call. */
  | { readonly kind: "unevaluable"; readonly reason: string }
  /** A request filter applies that cannot filter it, so it may not be sent. `reason` as above. */
  | { readonly kind: "refused"; readonly reason: string };

/** What is absent is never assumed: a check that needs it cannot be evaluated. */
export interface DecisionContext {
  /** Epoch ms. */
  readonly now: number;
  /** Id of the proxy credential in force: authenticated by the gateway, or named by the calling code. */
  readonly proxyCredential?: string | undefined;
  readonly actor?: Actor | undefined;
  /** Claims of a token that has been verified, as JSON data. */
  readonly token?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the target's credential goes along: not on a hop that a redirect led to unasked. @default true */
  readonly carriesCredential?: boolean | undefined;
  /** As the request filters left it. Needed where `inspectsBody` says so. */
  readonly body?: RequestBody | undefined;
}
