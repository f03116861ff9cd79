/**
 * Policies in YAML: what JSON can say, in YAML 1.2 with its core schema, and nothing by which a document could mean more
 * than what is seen in it: no anchors and aliases, no tags, no merge keys, one document, each name once.
 */
import {
  MAX_TEXT_DEPTH,
  PointerSearch,
  PolicyError,
  type PolicyIssue,
  type PolicyText,
  RepeatedNames,
  TextLines,
  type TextPlace,
  textIssue,
} from "@sallyport/core";
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, Scalar } from "yaml";
import { faultIn } from "./yaml-faults.js";

/** Larger policies are JSON: so much YAML takes up to a second to read, some 25 times as long, and calls wait meanwhile. */
const MAX_YAML_LENGTH = 1024 * 1024;

type Path = readonly (string | number)[];

/**
 * Reads a YAML text of up to 1 Mi characters.
 *
 * @throws PolicyError with line and column, without any value of the text
 * @see docs/spec/policy.md "YAML"
 */
export function readYamlText(text: string): PolicyText {
  const lines = new TextLines(text);
  if (text.length > MAX_YAML_LENGTH)
    throw new PolicyError([
      textIssue([], "the YAML is longer than 1 Mi characters", lines.placeAt(0), "write the policy in JSON"),
    ]);
  const yaml = parse(text, lines);
  const reading = new YamlReading(text, lines);
  const document = reading.valueOf(yaml.contents, []);
  const fault = faultIn(yaml, text);
  if (fault !== undefined) {
    const { offset, message } = fault;
    throw new PolicyError([
      textIssue(reading.pathBefore(offset), `not YAML: ${message}`, lines.placeAt(offset)),
    ]);
  }
  const [first, ...rest] = reading.issues;
  if (first !== undefined) throw new PolicyError([first, ...rest]);
  return { document, placesOf: (pointers) => reading.placesOf(pointers) };
}

function parse(text: string, lines: TextLines): Document.Parsed {
  try {
    return parseDocument(text, {
      version: "1.2",
      schema: "core",
      merge: false,
      resolveKnownTags: false,
      // Ours names the place, and takes no time that grows with the square of the names.
      uniqueKeys: false,
      // The messages would quote the text.
      prettyErrors: false,
      // "silent" would take the first of several documents.
      logLevel: "error",
    });
  } catch {
    throw new PolicyError([textIssue([], "not YAML", lines.placeAt(0))]);
  }
}

class YamlReading {
  readonly issues: PolicyIssue[] = [];
  readonly #text: string;
  readonly #lines: TextLines;
  readonly #repeats = new RepeatedNames();
  /** Of members and elements, in the order of the text: where their names begin and end, and where what they hold begins. */
  readonly #places: {
    readonly path: Path;
    readonly from: number;
    readonly to: number;
    readonly valueFrom: number;
  }[] = [];

  constructor(text: string, lines: TextLines) {
    this.#text = text;
    this.#lines = lines;
  }

  valueOf(node: unknown, path: Path): unknown {
    if (path.length > MAX_TEXT_DEPTH)
      return this.#refuse(path, node, `the document is nested deeper than ${MAX_TEXT_DEPTH}`);
    this.#refuseExtras(node, path);
    if (isMap(node)) return this.#objectOf(node.items, path);
    if (isSeq(node)) return node.items.map((item, index) => this.#child([...path, index], item, item));
    return isScalar(node) ? node.value : null;
  }

  #objectOf(pairs: readonly Pair[], path: Path): object {
    const seen = new Map<string, number>();
    const members = pairs.flatMap(({ key, value }): (readonly [string, unknown])[] => {
      this.#refuseExtras(key, path);
      if (!isScalar(key) || typeof key.value !== "string") {
        this.#refuse(path, key ?? value, "a name has to be text", "put it in quotes");
        return [];
      }
      const name = key.value;
      if (name === "<<" && key.type === Scalar.PLAIN)
        this.#refuse(path, key, "a merge key cannot stand in a policy", "write out what is merged");
      const from = startOf(key);
      const before = seen.get(name);
      if (before === undefined) seen.set(name, from);
      else
        this.issues.push(
          ...this.#repeats.issuesOf([...path, name], this.#placeAt(from), this.#placeAt(before)),
        );
      return [[name, this.#child([...path, name], key, value)]];
    });
    return Object.fromEntries(members);
  }

  #child(path: Path, first: unknown, value: unknown): unknown {
    const from = startOf(first);
    const to = endOf(first);
    this.#places.push({ path, from, to, valueFrom: startOf(value, to) });
    return this.valueOf(value, path);
  }

  /** What refers to something elsewhere, or says what a text is to become. */
  #refuseExtras(node: unknown, path: Path): void {
    const { anchor, tag } = (node ?? {}) as { readonly anchor?: string; readonly tag?: string };
    if (isAlias(node))
      this.#refuse(path, node, "an alias cannot stand in a policy", "write out what it stands for");
    else if (anchor !== undefined)
      this.#refuse(path, node, "an anchor cannot stand in a policy", "remove it, and the aliases to it");
    if (tag !== undefined)
      this.#refuse(
        path,
        node,
        "a tag cannot stand in a policy",
        "remove it; text that looks like something else has quotes",
      );
  }

  #refuse(path: Path, node: unknown, message: string, help?: string): null {
    this.issues.push(textIssue(path, message, this.#placeAt(startOf(node)), help));
    return null;
  }

  /** To the member or element in which a place lies. Only what has a colon behind it is a name. */
  pathBefore(offset: number): Path {
    const begun = this.#places.filter(
      ({ path, to, valueFrom }) =>
        valueFrom <= offset &&
        (typeof path.at(-1) === "number" || this.#text.slice(to, valueFrom).includes(":")),
    );
    return begun.at(-1)?.path ?? [];
  }

  placesOf(pointers: ReadonlySet<string>): Map<string, TextPlace> {
    const search = new PointerSearch(pointers);
    const found = this.#places.flatMap(({ path, from }) => {
      const pointer = search.visit(path.at(-1) ?? "", path.length);
      return pointer === undefined ? [] : [[pointer, this.#placeAt(from)] as const];
    });
    return new Map(found);
  }

  #placeAt(offset: number): TextPlace {
    return this.#lines.placeAt(offset);
  }
}

function startOf(node: unknown, otherwise = 0): number {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[0] ?? otherwise;
}

function endOf(node: unknown): number {
  return (node as { readonly range?: readonly number[] } | null)?.range?.[1] ?? 0;
}
