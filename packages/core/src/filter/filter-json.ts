/** The filter: bytes in, bytes and receipts out, or nothing. */
import type { Scope } from "../policy/decision.js";
import { type HashBytes, type JsonLimits, JsonScan, WithholdSignal } from "./json-scan.js";
import { type LocatedNode, locateNodes, seesWhole } from "./located-nodes.js";
import type { BoundOperation, OperationEffect } from "./operation.js";
import { PathMachine } from "./path-machine.js";
import { PathShape } from "./path-shapes.js";
import { Tally } from "./tally.js";

export type { HashBytes, JsonLimits } from "./json-scan.js";
export { MAX_RECEIPT_PATHS } from "./tally.js";

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
  readonly effect: OperationEffect;
  /** Nodes removed, retained or replaced; those inside another such node not counted. */
  readonly nodes: number;
  /** Distinct path texts, indices as `[*]`, at most {@link MAX_RECEIPT_PATHS}. */
  readonly paths: readonly string[];
}

export interface FilterOptions extends JsonLimits {
  /** For `hash` operations; without it a document of which one matches anything is withheld. */
  readonly hash?: HashBytes | undefined;
}

export type FilterResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly receipts: readonly Receipt[] }
  | Withheld;

/** The document must not go on; the reason holds nothing of it. */
export interface Withheld {
  readonly ok: false;
  readonly reason: string;
  /** From a stream of documents: those before it, filtered, which may go on. */
  readonly bytes?: Uint8Array;
}

export type FilterPiece = { readonly ok: true; readonly bytes: Uint8Array } | Withheld;

/** A document, or a stream of documents, on its way through the stages. */
export interface JsonFilter {
  /**
   * Reads the next piece, cut anywhere.
   *
   * @param piece - neither changed nor kept
   * @returns what may go on, possibly empty and possibly a part of the piece's own memory; after a document was
   *   withheld, the same reason again
   */
  write(piece: Uint8Array): FilterPiece;
  /** Ends the document. What was given out before is only valid JSON as a whole when this is `ok`. */
  end(): FilterResult;
  /** What was done so far. */
  receipts(): readonly Receipt[];
}

/**
 * Begins a JSON document that comes in pieces: memory is bounded by its depth, one key and one scalar.
 *
 * @param stages - in the order in which they run, each on the output of the one before
 */
export function createJsonFilter(stages: readonly Stage[], options: FilterOptions): JsonFilter {
  const runs =
    stages.length === 0 ? [newRun(CHECK_ONLY, options)] : stages.map((stage) => newRun(stage, options));
  let withheld: Withheld | undefined = needsWhole(stages) ? { ok: false, reason: NEEDS_WHOLE } : undefined;
  const guarded = <T extends { readonly ok: true }>(work: () => T): T | Withheld => {
    if (withheld !== undefined) return withheld;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof WithholdSignal)) throw error;
      withheld = { ok: false, reason: error.message };
      return withheld;
    }
  };
  const receipts = () => (stages.length === 0 ? [] : runs.flatMap(receiptsOf));
  return {
    write: (piece) => guarded(() => ({ ok: true, bytes: writeThrough(runs, piece) })),
    end: () =>
      guarded(() => {
        for (const { scan } of runs) scan.end();
        for (const run of runs) finish(run);
        return { ok: true, bytes: NO_BYTES, receipts: receipts() };
      }),
    // The tally goes on with its lists.
    receipts: () => receipts().map((receipt) => ({ ...receipt, paths: [...receipt.paths] })),
  };
}

const NEEDS_WHOLE = "a `select` has to see the whole document, which comes in pieces";

/** Whether the stages can filter documents only as a whole: a stream of one is withheld. */
export function needsWhole(stages: readonly Stage[]): boolean {
  return stages.some(({ operations }) => seesWhole(operations));
}

/**
 * Runs the stages over a whole JSON document, each on the output of the one before.
 *
 * @param bytes - UTF-8; a byte-order mark is dropped; not changed
 * @param stages - in the order in which they run
 * @returns the remaining bytes, each as it came in, or why the document must be withheld; never throws on data
 */
export function filterJson(
  bytes: Uint8Array,
  stages: readonly Stage[],
  options: FilterOptions,
): FilterResult {
  try {
    let left = bytes;
    const receipts: Receipt[] = [];
    for (const stage of stages.length === 0 ? [CHECK_ONLY] : stages) {
      const located = seesWhole(stage.operations) ? locatedNodes(left, stage, options) : undefined;
      const run = wholeRun(stage, options);
      if (located !== undefined) run.scan.locate(located);
      left = run.scan.write(left);
      run.scan.end();
      finish(run);
      for (const receipt of receiptsOf(run)) receipts.push(receipt);
    }
    return { ok: true, bytes: left, receipts };
  } catch (error) {
    if (error instanceof WithholdSignal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** Strictly and to the allowed depth first: only then is the document read in another way. */
function locatedNodes(bytes: Uint8Array, stage: Stage, options: FilterOptions): readonly LocatedNode[] {
  const checked = filterJson(bytes, [CHECK_ONLY], options);
  const location = checked.ok ? locateNodes(bytes, stage.operations) : checked;
  if (!location.ok) throw new WithholdSignal(location.reason);
  return location.nodes;
}

interface Run {
  readonly stage: Stage;
  readonly options: FilterOptions;
  readonly learnt: Learnt;
  readonly tally: Tally;
  readonly scan: JsonScan;
}

const NO_BYTES = new Uint8Array(0);

const CHECK_ONLY: Stage = { scope: "proxy", operations: [] };

function newRun(stage: Stage, options: FilterOptions, learnt = learntOf(stage)): Run {
  const tally = new Tally(stage.operations.length);
  const scan = new JsonScan(learnt.machine, options, tally, learnt.shape, options.hash);
  return { stage, options, learnt, tally, scan };
}

/** A run for a document that is there as a whole: one serves the next, since none is ever under way meanwhile. */
function wholeRun(stage: Stage, options: FilterOptions): Run {
  const learnt = learntOf(stage);
  const { idle } = learnt;
  if (idle === undefined || !isSame(idle.options, options)) {
    learnt.idle = newRun(stage, { ...options }, learnt);
    return learnt.idle;
  }
  idle.scan.reset(learnt.machine);
  return idle;
}

function isSame(a: FilterOptions, b: FilterOptions): boolean {
  return a.maxJsonDepth === b.maxJsonDepth && a.maxScalarBytes === b.maxScalarBytes && a.hash === b.hash;
}

function writeThrough(runs: readonly Run[], piece: Uint8Array): Uint8Array {
  return runs.reduce((bytes, { scan }) => scan.write(bytes), piece);
}

/** What a stage has learnt about the documents that it has seen. */
interface Learnt {
  machine: PathMachine;
  readonly shape: PathShape;
  idle: Run | undefined;
}

const learntByStage = new WeakMap<Stage, Learnt>();

function learntOf(stage: Stage): Learnt {
  let learnt = learntByStage.get(stage);
  if (learnt === undefined) {
    learnt = { machine: new PathMachine(stage.operations), shape: PathShape.root(), idle: undefined };
    learntByStage.set(stage, learnt);
  } else if (learnt.machine.automaton.isFull) {
    learnt.machine = learnt.machine.fresh();
  }
  return learnt;
}

/** A scan that outgrew its machine went on with a new one. */
function finish({ learnt, scan }: Run): void {
  learnt.machine = scan.machine;
}

function receiptsOf({ stage, tally }: Run): Receipt[] {
  return stage.operations.map((operation, index) =>
    receiptOf(stage, operation, tally.nodes(index), tally.paths(index)),
  );
}

/** Says what an operation of a stage did. */
export function receiptOf(
  { scope }: Stage,
  { entityId, filterId, operationId, effect }: StageOperation,
  nodes: number,
  paths: readonly string[],
): Receipt {
  return { scope, entityId, filterId, operationId, effect, nodes, paths };
}
