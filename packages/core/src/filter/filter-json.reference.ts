/**
 * Test-only twin of `filterJson`: slow, recursive and written from docs/spec/policy.md, "Filters", not from the engine.
 *
 * `JSON.parse` says what is JSON. The text is cut into a tree of slices: a segment is all the text between the bracket
 * or comma before a child and the comma or bracket after it. A container is printed as its brackets around the segments
 * that stay, joined by commas. Nothing else happens to the text.
 */

export interface ReferenceOperation {
  readonly effect: "destroy" | "retain";
  readonly pattern: RegExp;
}

/** Per stage and operation, in their order. */
export interface ReferenceReceipt {
  readonly nodes: number;
  readonly paths: readonly string[];
}

export interface ReferenceResult {
  readonly text: string;
  readonly receipts: readonly ReferenceReceipt[];
}

/** @returns `undefined` when the document is withheld */
export function filterByReference(
  text: string,
  stages: readonly (readonly ReferenceOperation[])[],
): ReferenceResult | undefined {
  let left = text;
  const receipts: ReferenceReceipt[] = [];
  for (const given of stages) {
    // Copies, so that an operation given twice has two receipts.
    const operations = given.map((operation) => ({ ...operation }));
    const root = parseTree(left);
    if (root === undefined) return undefined;
    if (root.children === undefined && operations.some(({ effect }) => effect === "retain")) return undefined;
    const tallies = new Map(operations.map((operation) => [operation, [] as SliceNode[]]));
    const retained = keepRetained(root, operations);
    const remaining = { ...retained, children: withoutDestroyed(retained, operations, tallies) };
    countRetained(remaining, operations, tallies);
    left = remaining.before + print(remaining) + remaining.after;
    for (const nodes of tallies.values()) {
      receipts.push({
        nodes: nodes.length,
        paths: [...new Set(nodes.map(({ shape }) => shape))].slice(0, 32),
      });
    }
  }
  return { text: left, receipts };
}

/** The path texts of all nodes but the root; `undefined` when the text is not JSON. */
export function pathsOf(text: string): string[] | undefined {
  const below = (node: SliceNode): string[] =>
    (node.children ?? []).flatMap((child) => [child.path, ...below(child)]);
  const root = parseTree(text);
  return root === undefined ? undefined : below(root);
}

interface SliceNode {
  readonly path: string;
  readonly shape: string;
  /** Text before the value (white space, and for a member its name and colon) and after it (white space). */
  readonly before: string;
  readonly after: string;
  /** A scalar's or an empty container's whole text; of other containers only the brackets count. */
  readonly text: string;
  /** `undefined` for a scalar. */
  readonly children: readonly SliceNode[] | undefined;
}

function keepRetained(root: SliceNode, operations: readonly ReferenceOperation[]): SliceNode {
  const retains = operations.filter(({ effect }) => effect === "retain");
  if (retains.length === 0) return root;
  const skeleton = (node: SliceNode): SliceNode[] => {
    if (retains.some(({ pattern }) => pattern.test(node.path))) return [node];
    const children = (node.children ?? []).flatMap(skeleton);
    return children.length === 0 ? [] : [{ ...node, children }];
  };
  const children = root.children?.flatMap(skeleton);
  return { ...root, children };
}

function withoutDestroyed(
  node: SliceNode,
  operations: readonly ReferenceOperation[],
  tallies: ReadonlyMap<ReferenceOperation, SliceNode[]>,
): readonly SliceNode[] | undefined {
  return node.children?.flatMap((child) => {
    const destroying = operations.filter(
      ({ effect, pattern }) => effect === "destroy" && pattern.test(child.path),
    );
    for (const operation of destroying) tallies.get(operation)?.push(child);
    return destroying.length > 0
      ? []
      : [{ ...child, children: withoutDestroyed(child, operations, tallies) }];
  });
}

/** The outermost retained nodes that are still there. */
function countRetained(
  node: SliceNode,
  operations: readonly ReferenceOperation[],
  tallies: ReadonlyMap<ReferenceOperation, SliceNode[]>,
): void {
  for (const child of node.children ?? []) {
    const retaining = operations.filter(
      ({ effect, pattern }) => effect === "retain" && pattern.test(child.path),
    );
    for (const operation of retaining) tallies.get(operation)?.push(child);
    if (retaining.length === 0) countRetained(child, operations, tallies);
  }
}

function print({ text, children }: SliceNode): string {
  if (children === undefined) return text;
  // An empty container keeps the white space that it came with; one that was emptied has none.
  if (children.length === 0 && /^(?:\{\s*\}|\[\s*\])$/.test(text)) return text;
  const segments = children.map((child) => child.before + print(child) + child.after);
  return `${text[0]}${segments.join(",")}${text.at(-1)}`;
}

function parseTree(text: string): SliceNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const cursor = { text, at: 0 };
  const before = take(cursor, SPACE);
  const { text: value, children } = takeValue(cursor, "$", "$");
  return { path: "$", shape: "$", before, after: take(cursor, SPACE), text: value, children };
}

interface Cursor {
  readonly text: string;
  at: number;
}

// The text is known to be JSON, so these need not tell a good token from a bad one.
const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:\\.|[^"\\])*"/y;
const OTHER_SCALAR = /[^\s,\]}]+/y;
const ANY_ONE = /./sy;

function take(cursor: Cursor, token: RegExp): string {
  token.lastIndex = cursor.at;
  const [taken = ""] = token.exec(cursor.text) ?? [];
  cursor.at += taken.length;
  return taken;
}

function takeValue(cursor: Cursor, path: string, shape: string): Pick<SliceNode, "text" | "children"> {
  const start = cursor.at;
  const next = cursor.text[start];
  if (next === '"') return { text: take(cursor, STRING), children: undefined };
  if (next !== "{" && next !== "[") return { text: take(cursor, OTHER_SCALAR), children: undefined };
  take(cursor, ANY_ONE);
  const children: SliceNode[] = [];
  const inner = take(cursor, SPACE);
  if (cursor.text[cursor.at] === "}" || cursor.text[cursor.at] === "]") {
    take(cursor, ANY_ONE);
    return { text: cursor.text.slice(start, cursor.at), children };
  }
  cursor.at -= inner.length;
  do {
    children.push(
      next === "{" ? takeMember(cursor, path, shape) : takeElement(cursor, path, shape, children.length),
    );
  } while (take(cursor, ANY_ONE) === ",");
  return { text: cursor.text.slice(start, cursor.at), children };
}

function takeMember(cursor: Cursor, parentPath: string, parentShape: string): SliceNode {
  const space = take(cursor, SPACE);
  const name = take(cursor, STRING);
  const colon = take(cursor, SPACE) + take(cursor, ANY_ONE) + take(cursor, SPACE);
  const key = JSON.parse(name) as string;
  const path = `${parentPath}.${key}`;
  const shape = `${parentShape}.${key}`;
  const { text, children } = takeValue(cursor, path, shape);
  return { path, shape, before: space + name + colon, after: take(cursor, SPACE), text, children };
}

function takeElement(cursor: Cursor, parentPath: string, parentShape: string, index: number): SliceNode {
  const before = take(cursor, SPACE);
  const path = `${parentPath}[${index}]`;
  const shape = `${parentShape}[*]`;
  const { text, children } = takeValue(cursor, path, shape);
  return { path, shape, before, after: take(cursor, SPACE), text, children };
}
