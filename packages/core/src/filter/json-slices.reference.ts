/**
 * Test-only: a JSON text as a tree of slices of it, for the naive twin of the filter.
 *
 * `JSON.parse` says what is JSON. A segment is all the text between the bracket or comma before a child and the comma or
 * bracket after it. A container is printed as its brackets around the segments that stay, joined by commas.
 */
export interface SliceNode {
  readonly location: Location;
  readonly path: string;
  /** The path with `[*]` for each index. */
  readonly shape: string;
  /** Text before the value (white space, and for a member its name and colon) and after it (white space). */
  readonly before: string;
  readonly after: string;
  /** A scalar's or an empty container's whole text; of other containers only the brackets count. */
  readonly text: string;
  /** `undefined` for a scalar. */
  readonly children: readonly SliceNode[] | undefined;
}

/** Names and indices from the root on, as JSONPath libraries have them. */
export type Location = readonly (string | number)[];

type Place = Pick<SliceNode, "location" | "path" | "shape">;

const ROOT: Place = { location: [], path: "$", shape: "$" };

/** @returns `undefined` when the text is not JSON */
export function parseSlices(text: string): SliceNode | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const cursor = { text, at: 0 };
  const before = take(cursor, SPACE);
  const { text: value, children } = takeValue(cursor, ROOT);
  return { ...ROOT, before, after: take(cursor, SPACE), text: value, children };
}

/**
 * What `JSON.parse` should make of a JSON text. In V8 13.6, which is Node 24's, it can take a name with escapes for
 * another that it has read before and that ends in a backslash (https://github.com/nodejs/node/issues/63785); names that
 * are read one by one come out right.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): unknown {
  const root = parseSlices(text);
  if (root === undefined) throw new SyntaxError("the text is not JSON");
  return parsed(root);
}

function parsed({ text, children }: SliceNode): unknown {
  if (children === undefined) return JSON.parse(text);
  if (text.startsWith("[")) return children.map(parsed);
  // A name such as `__proto__` becomes a property like any other, as with `JSON.parse`.
  return Object.fromEntries(children.map((child) => [child.location.at(-1), parsed(child)]));
}

/** The value's text, without what surrounds it. */
export function printSlices({ text, children }: SliceNode): string {
  if (children === undefined) return text;
  // An empty container keeps the white space that it came with; one that was emptied has none.
  if (children.length === 0 && /^(?:\{\s*\}|\[\s*\])$/.test(text)) return text;
  const segments = children.map((child) => child.before + printSlices(child) + child.after);
  return `${text[0]}${segments.join(",")}${text.at(-1)}`;
}

/** What a pattern for values sees of a scalar: a string's characters, of anything else the text as it stands. */
export function scalarText({ text }: SliceNode): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
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

function takeValue(cursor: Cursor, place: Place): Pick<SliceNode, "text" | "children"> {
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
    children.push(next === "{" ? takeMember(cursor, place) : takeElement(cursor, place, children.length));
  } while (take(cursor, ANY_ONE) === ",");
  return { text: cursor.text.slice(start, cursor.at), children };
}

function takeMember(cursor: Cursor, parent: Place): SliceNode {
  const space = take(cursor, SPACE);
  const name = take(cursor, STRING);
  const colon = take(cursor, SPACE) + take(cursor, ANY_ONE) + take(cursor, SPACE);
  const key = JSON.parse(name) as string;
  const place = {
    location: [...parent.location, key],
    path: `${parent.path}.${key}`,
    shape: `${parent.shape}.${key}`,
  };
  const { text, children } = takeValue(cursor, place);
  return { ...place, before: space + name + colon, after: take(cursor, SPACE), text, children };
}

function takeElement(cursor: Cursor, parent: Place, index: number): SliceNode {
  const before = take(cursor, SPACE);
  const place = {
    location: [...parent.location, index],
    path: `${parent.path}[${index}]`,
    shape: `${parent.shape}[*]`,
  };
  const { text, children } = takeValue(cursor, place);
  return { ...place, before, after: take(cursor, SPACE), text, children };
}
