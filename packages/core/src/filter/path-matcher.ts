/** Which operations of a stage match which node, by its path text. */
import { decodeUtf8, toUtf8 } from "../bytes.js";
import { foldAscii, type Pattern } from "../pattern/pattern.js";
import { MAX_TEXT_WITH_VARIABLES, type VariableValues } from "../pattern/variable-sequence.js";

/** An operation bound to the values of its filter's variables. */
export interface BoundOperation {
  readonly effect: "destroy" | "retain";
  readonly pattern: Pattern;
  readonly values: VariableValues;
}

/** A node of the document's shape. Shared by all documents of a matcher, so never changed by one. */
export interface PathNode {
  /** Path text: `$.items[0].ssn`; empty where no operation needs it. */
  readonly path: string;
  /** The same with `[*]` for every index, as receipts show it: at most {@link MAX_SHAPE_CHARACTERS}. */
  readonly shape: string;
  /** Indices into the operations. */
  readonly destroys: readonly number[];
  readonly retains: readonly number[];
}

/** Characters of path text that may still be tried in one stage over one document. */
export interface PathBudget {
  characters: number;
}

/**
 * A long key above many nodes makes the path texts quadratic in the document: a mebibyte could keep a process busy for
 * half an hour. Real documents need some 20 characters for each of theirs.
 */
const TRIED_FOR_EACH_CHARACTER = 64;
const TRIED_AT_LEAST = 4_000_000;

/** What a document may cost for each operation: linear in its length. */
export function pathBudgetFor(text: string): PathBudget {
  return { characters: TRIED_AT_LEAST + TRIED_FOR_EACH_CHARACTER * text.length };
}

interface TrieNode extends PathNode {
  /** Whether the node outlives its document. */
  readonly isRemembered: boolean;
  readonly members: Map<string, TrieNode>;
  element: TrieNode | undefined;
}

/** So many nodes are remembered; documents with more distinct paths are matched without memory. */
const MAX_REMEMBERED_NODES = 10_000;

/** A receipt is no place for what an upstream can make as long as it likes. */
export const MAX_SHAPE_CHARACTERS = 256;

const NONE: readonly number[] = [];

export class PathMatcher {
  readonly hasRetains: boolean;
  readonly root: PathNode;
  readonly #operations: readonly BoundOperation[];
  readonly #isIndexBlind: boolean;
  readonly #hasVariables: boolean;
  #remembered = 0;

  constructor(operations: readonly BoundOperation[]) {
    this.#operations = operations;
    this.hasRetains = operations.some(({ effect }) => effect === "retain");
    this.#isIndexBlind = operations.every(({ pattern }) => pattern.lastKeys !== undefined);
    this.#hasVariables = operations.some(({ pattern }) => pattern.variables.length > 0);
    this.root = { path: "$", shape: "$", destroys: NONE, retains: NONE, ...emptyChildren(true) } as TrieNode;
  }

  /** The child of an object. @returns `undefined` when the path is too long to be tried */
  member(parent: PathNode, key: string, budget: PathBudget): PathNode | undefined {
    const trie = parent as TrieNode;
    const known = trie.members.get(key);
    if (known !== undefined) return known;
    const isRemembered = this.#canRemember(trie, key);
    const name = isRemembered ? ownCopy(key) : key;
    const path = this.#isIndexBlind ? "" : `${parent.path}.${name}`;
    const child = this.#child(
      { path, shape: extended(parent.shape, ".", name), key: name, isRemembered },
      budget,
    );
    if (isRemembered && child !== undefined) trie.members.set(name, child);
    return child;
  }

  /** The child of an array. @returns `undefined` when the path is too long to be tried */
  element(parent: PathNode, index: number, budget: PathBudget): PathNode | undefined {
    const trie = parent as TrieNode;
    if (trie.element !== undefined) return trie.element;
    const path = this.#isIndexBlind ? "" : `${parent.path}[${index}]`;
    // Only where no pattern can tell one index from another do all elements share a node.
    const isRemembered = this.#isIndexBlind && this.#canRemember(trie, "");
    const child = this.#child(
      { path, shape: extended(parent.shape, "[*]", ""), key: undefined, isRemembered },
      budget,
    );
    if (isRemembered) trie.element = child;
    return child;
  }

  /** A matcher lives as long as its policy, and keys are the upstream's choice. */
  #canRemember(parent: TrieNode, key: string): boolean {
    const length = parent.shape.length + key.length;
    return parent.isRemembered && length < MAX_SHAPE_CHARACTERS && this.#remembered < MAX_REMEMBERED_NODES;
  }

  /** Of the dearest operation, since the budget is what each of them may cost. */
  #costOf(path: string): number {
    if (!this.#hasVariables) return path.length;
    return this.#operations.reduce(
      (most, { pattern, values }) => Math.max(most, pattern.cost(path, values)),
      0,
    );
  }

  #child(node: NewNode, budget: PathBudget): TrieNode | undefined {
    const { path, shape, key, isRemembered } = node;
    if (this.#hasVariables && path.length > MAX_TEXT_WITH_VARIABLES) return undefined;
    if (!this.#isIndexBlind) budget.characters -= this.#costOf(path);
    if (budget.characters < 0) return undefined;
    if (isRemembered) this.#remembered++;
    const destroys: number[] = [];
    const retains: number[] = [];
    for (const [index, operation] of this.#operations.entries()) {
      if (!matches(operation, path, key)) continue;
      (operation.effect === "destroy" ? destroys : retains).push(index);
    }
    return { path, shape, destroys, retains, ...emptyChildren(isRemembered) };
  }
}

interface NewNode extends Pick<TrieNode, "path" | "shape" | "isRemembered"> {
  /** Of a member. */
  readonly key: string | undefined;
}

/** Built up to the limit only, so that its cost does not depend on the keys. */
function extended(shape: string, separator: string, key: string): string {
  const room = MAX_SHAPE_CHARACTERS - shape.length - separator.length;
  return room <= 0 ? shape : shape + separator + key.slice(0, room);
}

/** A key is a slice of its document, and whoever keeps a slice keeps the document. */
function ownCopy(key: string): string {
  const copy = decodeUtf8(toUtf8(key));
  return copy === key ? copy : key;
}

function emptyChildren(isRemembered: boolean): Pick<TrieNode, "members" | "element" | "isRemembered"> {
  return { members: new Map(), element: undefined, isRemembered };
}

function matches({ pattern, values }: BoundOperation, path: string, key: string | undefined): boolean {
  if (pattern.lastKeys === undefined) return pattern.matches(path, values);
  return key !== undefined && endsWithKey(pattern, pattern.lastKeys, key);
}

/** `\.(a|b)$` on `….key`: the key itself, or what follows a dot inside it. */
function endsWithKey(pattern: Pattern, lastKeys: ReadonlySet<string>, key: string): boolean {
  const folded = pattern.flags.includes("i") ? foldAscii(key) : key;
  if (lastKeys.has(folded)) return true;
  return folded.includes(".") && lastKeys.has(folded.slice(folded.lastIndexOf(".") + 1));
}
