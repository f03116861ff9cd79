/** The filter: bytes in, bytes and receipts out, or nothing. */
import { decodeUtf8, toUtf8 } from "../bytes.js";
import type { Scope } from "../policy/decision.js";
import { filterStage, type Hit, type JsonLimits } from "./json-stage.js";
import { type BoundOperation, PathMatcher } from "./path-matcher.js";

/** An operation with where it comes from, for its receipt. */
export interface StageOperation extends BoundOperation {
  readonly filterId: string;
  /** Id of the proxy, target or credential that has the filter. */
  readonly entityId: string;
  readonly operationId: string;
}

/**
 * The operations of all applicable filters of one scope. Their order does not matter. What is learnt about the paths of
 * documents is remembered with the object, so keep it where it serves again; do not change it.
 */
export interface Stage {
  readonly scope: Scope;
  readonly operations: readonly StageOperation[];
}

/** What one operation did. Holds paths, never values. */
export interface Receipt {
  readonly scope: Scope;
  readonly entityId: string;
  readonly filterId: string;
  readonly operationId: string;
  readonly effect: "destroy" | "retain";
  /** Nodes removed or retained, those inside a removed or retained one not counted. */
  readonly nodes: number;
  /** Distinct path texts, indices as `[*]`, at most {@link MAX_RECEIPT_PATHS}. */
  readonly paths: readonly string[];
}

export const MAX_RECEIPT_PATHS = 32;

export type FilterResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly receipts: readonly Receipt[] }
  | { readonly ok: false; readonly reason: string };

/**
 * Runs the stages over a JSON document, each on the output of the one before.
 *
 * @param bytes - UTF-8; a byte-order mark is dropped; not changed
 * @param stages - in the order in which they run
 * @returns the remaining bytes, each as it came in, or why the document must be withheld; never throws on data
 */
export function filterJson(bytes: Uint8Array, stages: readonly Stage[], limits: JsonLimits): FilterResult {
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) return { ok: false, reason: "the body is not UTF-8" };
  let text = decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  const receipts: Receipt[] = [];
  for (const stage of stages) {
    const result = filterStage(text, matcherOf(stage), limits);
    if (!result.ok) return result;
    text = result.text;
    receipts.push(...receiptsOf(stage, result.hits));
  }
  return { ok: true, bytes: text === decoded ? bytes : toUtf8(text), receipts };
}

const BYTE_ORDER_MARK = "\ufeff";

const matchers = new WeakMap<Stage, PathMatcher>();

function matcherOf(stage: Stage): PathMatcher {
  const known = matchers.get(stage) ?? new PathMatcher(stage.operations);
  matchers.set(stage, known);
  return known;
}

function receiptsOf(stage: Stage, hits: readonly Hit[]): Receipt[] {
  const tallies = stage.operations.map(() => ({ nodes: 0, shapes: new Set<string>() }));
  for (const { operation, shape } of hits) {
    const tally = tallies[operation];
    if (tally === undefined) continue;
    tally.nodes++;
    if (tally.shapes.size < MAX_RECEIPT_PATHS) tally.shapes.add(shape);
  }
  return stage.operations.map((operation, index) => ({
    scope: stage.scope,
    entityId: operation.entityId,
    filterId: operation.filterId,
    operationId: operation.operationId,
    effect: operation.effect,
    nodes: tallies[index]?.nodes ?? 0,
    paths: [...(tallies[index]?.shapes ?? [])],
  }));
}
