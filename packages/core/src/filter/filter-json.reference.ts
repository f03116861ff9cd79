/**
 * Test-only twin of `filterJson`: slow, recursive and written from docs/spec/policy.md, "Filters", not from the engine.
 *
 * A stage is four steps over a tree of slices: what retains keep, what destroys leave of it, what was retained in the
 * end, and what masks and hashes replace in it. Nothing else happens to the text.
 */
import { toUtf8 } from "../bytes.js";
import {
  type Location,
  parseSlices,
  printSlices,
  type SliceNode,
  scalarText,
} from "./json-slices.reference.js";

export interface ReferenceOperation {
  readonly effect: "destroy" | "retain" | "mask" | "hash";
  readonly pattern: PathTest;
  readonly matchValue?: RegExp | undefined;
  readonly mask?: { readonly with?: string | undefined; readonly keepLast?: number | undefined } | undefined;
}

/** An expression for path text, or whatever else says of a place whether it is meant. */
export interface PathTest {
  test(path: string, location?: Location): boolean;
}

export type ReferenceHash = (bytes: Uint8Array) => string;

/** Per stage and operation, in their order. */
export interface ReferenceReceipt {
  readonly nodes: number;
  readonly paths: readonly string[];
}

export interface ReferenceResult {
  readonly text: string;
  readonly receipts: readonly ReferenceReceipt[];
}

/**
 * @param hash - without it, what a hash replaces withholds the document
 * @returns `undefined` when the document is withheld
 */
export function filterByReference(
  text: string,
  stages: readonly (readonly ReferenceOperation[])[],
  hash?: ReferenceHash,
): ReferenceResult | undefined {
  let left = text;
  const receipts: ReferenceReceipt[] = [];
  for (const given of stages) {
    // Copies, so that an operation given twice has two receipts.
    const operations = given.map((operation) => ({ ...operation }));
    const stage = { operations, hash, touched: new Map(operations.map((one) => [one, [] as SliceNode[]])) };
    const filtered = filterTree(left, stage);
    if (filtered === undefined) return undefined;
    left = filtered;
    for (const nodes of stage.touched.values()) receipts.push(receiptOf(nodes));
  }
  return { text: left, receipts };
}

/** The path texts of all nodes but the root; `undefined` when the text is not JSON. */
export function pathsOf(text: string): string[] | undefined {
  const below = (node: SliceNode): string[] =>
    (node.children ?? []).flatMap((child) => [child.path, ...below(child)]);
  const root = parseSlices(text);
  return root === undefined ? undefined : below(root);
}

interface StageRun {
  readonly operations: readonly ReferenceOperation[];
  readonly hash: ReferenceHash | undefined;
  /** What each operation did something to, in the order of the document. */
  readonly touched: ReadonlyMap<ReferenceOperation, SliceNode[]>;
}

function receiptOf(nodes: readonly SliceNode[]): ReferenceReceipt {
  return {
    nodes: nodes.length,
    paths: [...new Set(nodes.map(({ shape }) => shape.slice(0, 256)))].slice(0, 32),
  };
}

function filterTree(text: string, stage: StageRun): string | undefined {
  const root = parseSlices(text);
  if (root === undefined) return undefined;
  const hasRetain = stage.operations.some(({ effect }) => effect === "retain");
  if (root.children === undefined && hasRetain) return undefined;
  const retained = hasRetain ? withoutUnretained(root, stage) : root;
  const remaining = withoutDestroyed(retained, stage);
  noteRetained(remaining, stage);
  try {
    return remaining.before + printSlices(withReplacements(remaining, stage)) + remaining.after;
  } catch (error) {
    if (error === NO_HASH) return undefined;
    throw error;
  }
}

function matching(
  node: SliceNode,
  stage: StageRun,
  ...effects: readonly ReferenceOperation["effect"][]
): readonly ReferenceOperation[] {
  return stage.operations.filter(
    ({ effect, pattern, matchValue }) =>
      effects.includes(effect) &&
      pattern.test(node.path, node.location) &&
      (matchValue === undefined || (node.children === undefined && matchValue.test(scalarText(node)))),
  );
}

function note(node: SliceNode, operations: readonly ReferenceOperation[], stage: StageRun): void {
  for (const operation of operations) stage.touched.get(operation)?.push(node);
}

/** The root, with the nodes that are retained, all below them and all above them. */
function withoutUnretained(root: SliceNode, stage: StageRun): SliceNode {
  const kept = (node: SliceNode): SliceNode[] => {
    if (matching(node, stage, "retain").length > 0) return [node];
    const children = (node.children ?? []).flatMap(kept);
    return children.length === 0 ? [] : [{ ...node, children }];
  };
  return { ...root, children: root.children?.flatMap(kept) };
}

function withoutDestroyed(node: SliceNode, stage: StageRun): SliceNode {
  const children = node.children?.flatMap((child) => {
    const destroying = matching(child, stage, "destroy");
    note(child, destroying, stage);
    return destroying.length > 0 ? [] : [withoutDestroyed(child, stage)];
  });
  return { ...node, children };
}

/** Notes the outermost retained nodes that are still there. */
function noteRetained(node: SliceNode, stage: StageRun): void {
  for (const child of node.children ?? []) {
    const retaining = matching(child, stage, "retain");
    note(child, retaining, stage);
    if (retaining.length === 0) noteRetained(child, stage);
  }
}

/** Masks and hashes the outermost nodes that are to be; what is inside one goes with it. */
function withReplacements(node: SliceNode, stage: StageRun): SliceNode {
  const children = node.children?.map((child) => {
    const replacing = matching(child, stage, "mask", "hash");
    note(child, replacing, stage);
    if (replacing.length === 0) return withReplacements(child, stage);
    return { ...child, text: JSON.stringify(replacement(child, replacing, stage)), children: undefined };
  });
  return { ...node, children };
}

const NO_HASH = new Error("a hash without a key");

/** A mask shows less than a hash; of masks, the one that keeps fewest characters, then by its text. */
function replacement(node: SliceNode, operations: readonly ReferenceOperation[], stage: StageRun): string {
  const masks = operations.filter(({ effect }) => effect === "mask").map(({ mask }) => mask);
  if (masks.length === 0) {
    if (stage.hash === undefined) throw NO_HASH;
    return stage.hash(toUtf8(node.children === undefined ? scalarText(node) : printSlices(node)));
  }
  const keepLast = Math.min(...masks.map((mask) => mask?.keepLast ?? 0));
  const [shown = ""] = masks
    .filter((mask) => (mask?.keepLast ?? 0) === keepLast)
    .map((mask) => mask?.with ?? "[REDACTED]")
    .sort();
  const characters = node.children === undefined ? [...scalarText(node)] : [];
  const isShort = characters.length < 2 * keepLast;
  return isShort ? shown : shown + characters.slice(characters.length - keepLast).join("");
}
