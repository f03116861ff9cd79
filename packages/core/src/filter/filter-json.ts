/** The filter: bytes in, bytes and receipts out, or nothing. */

import { plainBytes } from "../bytes.js";
import type { Scope } from "../policy/decision.js";
import { scanDocument } from "./document-scan.js";
import { type HashBytes, type JsonLimits, JsonScan, WithholdSignal } from "./json-scan.js";
import { Layouts } from "./layouts.js";
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
  /** Distinct path texts, indices as `[*]`, at most {@link MAX_RECEIPT_PATHS}. Alike documents may share a frozen list. */
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
  const receipts = () =>
    stages.length === 0 ? [] : runs.flatMap(({ stage, tally }) => receiptsOf(stage, tally));
  return {
    write: (piece) => guarded(() => ({ ok: true, bytes: writeThrough(runs, piece) })),
    end: () =>
      guarded(() => {
        for (const { scan } of runs) scan.end();
        for (const { learnt, scan } of runs) keepMachine(learnt, scan);
        return { ok: true, bytes: NO_BYTES, receipts: receipts() };
      }),
    receipts,
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
 * @returns the remaining bytes, each as it came in, or why the document must be withheld; never throws on data. The bytes
 *   may be a part of the input's memory, and small results share memory: copy them before you hand their `buffer` on
 */
export function filterJson(
  bytes: Uint8Array,
  stages: readonly Stage[],
  options: FilterOptions,
): FilterResult {
  try {
    let left = bytes;
    let receipts: readonly Receipt[] = [];
    for (const stage of stages.length === 0 ? [CHECK_ONLY] : stages) {
      const learnt = learntOf(stage);
      left = destroyed(left, learnt, options) ?? scanned(left, stage, learnt, options);
      const made = receiptsOf(stage, learnt.tally);
      receipts = receipts.length === 0 ? made : [...receipts, ...made];
    }
    return { ok: true, bytes: left, receipts };
  } catch (error) {
    if (error instanceof WithholdSignal) return { ok: false, reason: error.message };
    throw error;
  }
}

/** The common case: all that is done is to destroy nodes. @returns `undefined` where it is another */
function destroyed(bytes: Uint8Array, learnt: Learnt, options: FilterOptions): Uint8Array | undefined {
  if (!learnt.machine.onlyDestroys || bytes.length > options.maxScalarBytes) return undefined;
  if (learnt.layouts === undefined) learnt.layouts = new Layouts(learnt.machine, learnt.shape);
  else if (learnt.layouts.isFull) learnt.layouts = learnt.layouts.fresh();
  else if (learnt.layouts.isUnfit) return undefined;
  learnt.tally.reset();
  return scanDocument(plainBytes(bytes), learnt.layouts, learnt.tally, options.maxJsonDepth);
}

function scanned(bytes: Uint8Array, stage: Stage, learnt: Learnt, options: FilterOptions): Uint8Array {
  const located = seesWhole(stage.operations) ? locatedNodes(bytes, stage, options) : undefined;
  const scan = wholeScan(learnt, options);
  if (located !== undefined) scan.locate(located);
  const left = scan.write(bytes);
  scan.end();
  keepMachine(learnt, scan);
  return left;
}

/** Strictly and to the allowed depth first: only then is the document read in another way. */
function locatedNodes(bytes: Uint8Array, stage: Stage, options: FilterOptions): readonly LocatedNode[] {
  const checked = filterJson(bytes, [CHECK_ONLY], options);
  const location = checked.ok ? locateNodes(bytes, stage.operations) : checked;
  if (!location.ok) throw new WithholdSignal(location.reason);
  return location.nodes;
}

const NO_BYTES = new Uint8Array(0);

const CHECK_ONLY: Stage = { scope: "proxy", operations: [] };

/** A stage over a document that comes in pieces. */
interface Run {
  readonly stage: Stage;
  readonly learnt: Learnt;
  readonly tally: Tally;
  readonly scan: JsonScan;
}

function newRun(stage: Stage, options: FilterOptions): Run {
  const learnt = learntOf(stage);
  const tally = new Tally(stage.operations.length);
  return { stage, learnt, tally, scan: newScan(learnt, tally, options) };
}

function newScan(learnt: Learnt, tally: Tally, options: FilterOptions): JsonScan {
  return new JsonScan(learnt.machine, options, tally, learnt.shape, options.hash);
}

/** A scan of a document that is there as a whole: one serves the next, since none is ever under way meanwhile. */
function wholeScan(learnt: Learnt, options: FilterOptions): JsonScan {
  if (learnt.idle === undefined || !isSame(learnt.idle.options, options)) {
    learnt.idle = { options: { ...options }, scan: newScan(learnt, learnt.tally, options) };
  }
  const { scan } = learnt.idle;
  scan.reset(learnt.machine);
  return scan;
}

function isSame(a: FilterOptions, b: FilterOptions): boolean {
  return a.maxJsonDepth === b.maxJsonDepth && a.maxScalarBytes === b.maxScalarBytes && a.hash === b.hash;
}

function writeThrough(runs: readonly Run[], piece: Uint8Array): Uint8Array {
  return runs.reduce((bytes, { scan }) => scan.write(bytes), piece);
}

/** What a stage has learnt about the documents that it has seen, and what it keeps for the next. */
interface Learnt {
  machine: PathMachine;
  layouts: Layouts | undefined;
  readonly shape: PathShape;
  /** Of documents that are there as a whole. */
  readonly tally: Tally;
  idle: { readonly options: FilterOptions; readonly scan: JsonScan } | undefined;
}

const learntByStage = new WeakMap<Stage, Learnt>();

function learntOf(stage: Stage): Learnt {
  const known = learntByStage.get(stage);
  if (known === undefined) {
    const machine = new PathMachine(stage.operations);
    const learnt: Learnt = {
      machine,
      layouts: undefined,
      shape: PathShape.root(),
      tally: new Tally(stage.operations.length),
      idle: undefined,
    };
    learntByStage.set(stage, learnt);
    return learnt;
  }
  if (known.machine.automaton.isFull) setMachine(known, known.machine.fresh());
  return known;
}

/** A scan that outgrew its machine went on with a new one. */
function keepMachine(learnt: Learnt, scan: JsonScan): void {
  if (learnt.machine !== scan.machine) setMachine(learnt, scan.machine);
}

function setMachine(learnt: Learnt, machine: PathMachine): void {
  learnt.machine = machine;
  // It would go on with the machine before, and keep it alive.
  learnt.layouts = undefined;
}

function receiptsOf(stage: Stage, tally: Tally): Receipt[] {
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
