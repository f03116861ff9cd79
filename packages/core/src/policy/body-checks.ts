/**
 * What the `body` checks of rules find in a request's body (docs/spec/policy.md, "Bodies").
 *
 * The document is walked once for all checks, without building anything from it: each of several members of one name is
 * tested, `__proto__` is only a name, and depth costs no stack.
 */
import { decodeUtf8 } from "../bytes.js";
import type { CanonicalRequest } from "../http/canonical-request.js";
import { namesOtherCharset } from "../http/media-type.js";
import type { Pattern } from "../pattern/pattern.js";
import type { DecisionContext } from "./decision-context.js";

export interface CompiledBodyCheck {
  /** Of the path text. */
  readonly path: Pattern;
  /** Of the scalar's text; `undefined`: any node will do. */
  readonly value: Pattern | undefined;
}

export interface BodyLimits {
  readonly maxRequestInspectBytes: number;
  readonly maxJsonDepth: number;
}

export type BodyMatches =
  | {
      readonly ok: true;
      /** Checks for which some node has the path. */
      readonly reached: ReadonlySet<CompiledBodyCheck>;
      /** Checks for which some node has the path and the value. */
      readonly found: ReadonlySet<CompiledBodyCheck>;
    }
  /** Nothing can be said of the body. A sentence without data of the call. */
  | { readonly ok: false; readonly reason: string };

interface RequestWithBody extends Pick<CanonicalRequest, "headers"> {
  readonly body?: DecisionContext["body"] | undefined;
}

/** What the checks of the scopes in force find in one request's body. Looked for once, when a rule first asks. */
export class BodyFindings {
  readonly #look: () => BodyMatches;
  #matches: BodyMatches | undefined;

  constructor(request: RequestWithBody, checks: readonly CompiledBodyCheck[], limits: BodyLimits) {
    this.#look = () => look(request, checks, limits);
  }

  get matches(): BodyMatches {
    this.#matches ??= this.#look();
    return this.#matches;
  }
}

function look(
  { headers, body }: RequestWithBody,
  checks: readonly CompiledBodyCheck[],
  limits: BodyLimits,
): BodyMatches {
  if (body === undefined) return unevaluable("the body was not handed over");
  if (body.kind === "unevaluable" || body.kind === "refused") return unevaluable(body.reason);
  if (body.kind === "none" || body.bytes.length === 0) return NO_NODES;
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding.toLowerCase() !== "identity") return unevaluable("the body is encoded");
  if (namesOtherCharset(headers.get("content-type")))
    return unevaluable("the body is in another charset than UTF-8");
  return bodyMatches(body.bytes, checks, limits);
}

const NO_NODES: BodyMatches = { ok: true, reached: new Set(), found: new Set() };

function unevaluable(reason: string): BodyMatches {
  return { ok: false, reason };
}

/** Longer path texts are not matched against. */
const MAX_PATH_CHARACTERS = 4096;

/** So many characters of path texts are matched against, over all nodes and checks. */
const MAX_MATCHED_CHARACTERS = 64 * 1024 * 1024;

/**
 * Tests every node of a JSON document, the root included, against every check.
 *
 * @param bytes - UTF-8; a byte-order mark is dropped. Never throws on data.
 */
export function bodyMatches(
  bytes: Uint8Array,
  checks: readonly CompiledBodyCheck[],
  limits: BodyLimits,
): BodyMatches {
  if (bytes.length > limits.maxRequestInspectBytes)
    return unevaluable("the body is larger than `maxRequestInspectBytes`");
  const decoded = decodeUtf8(bytes);
  if (decoded === undefined) return unevaluable("the body is not UTF-8");
  const text = decoded.startsWith("\ufeff") ? decoded.slice(1) : decoded;
  if (!isJson(text)) return unevaluable("the body is not JSON");
  return new Walk(text, checks, limits.maxJsonDepth).run();
}

/** The platform's parser is strict, and takes any depth. What it builds is dropped. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** An open container. */
interface Frame {
  readonly path: string;
  readonly isObject: boolean;
  index: number;
}

/** The text is known to be JSON, so nothing here tells a good token from a bad one. */
class Walk {
  readonly #text: string;
  /** Not found yet. */
  readonly #open: CompiledBodyCheck[];
  readonly #maxDepth: number;
  readonly #reached = new Set<CompiledBodyCheck>();
  readonly #found = new Set<CompiledBodyCheck>();
  readonly #frames: Frame[] = [];
  #position = 0;
  #matched = 0;

  constructor(text: string, checks: readonly CompiledBodyCheck[], maxDepth: number) {
    this.#text = text;
    this.#open = [...checks];
    this.#maxDepth = maxDepth;
  }

  run(): BodyMatches {
    this.#value("$");
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (this.#frames.length > this.#maxDepth)
        return unevaluable(`the body is nested deeper than ${this.#maxDepth}`);
      this.#skip(SEPARATORS);
      if (this.#at("}") || this.#at("]")) {
        this.#position++;
        this.#frames.pop();
        continue;
      }
      const path = frame.isObject ? `${frame.path}.${this.#name()}` : `${frame.path}[${frame.index++}]`;
      if (path.length > MAX_PATH_CHARACTERS || this.#matched > MAX_MATCHED_CHARACTERS)
        return unevaluable("the body's paths are too long to be matched");
      this.#value(path);
    }
    return { ok: true, reached: this.#reached, found: this.#found };
  }

  #value(path: string): void {
    this.#skip(SEPARATORS);
    const start = this.#position;
    const isObject = this.#at("{");
    if (isObject || this.#at("[")) {
      this.#position++;
      this.#test(path, undefined);
      this.#frames.push({ path, isObject, index: 0 });
      return;
    }
    if (this.#at('"')) this.#skipString();
    else this.#skip(SCALAR);
    this.#test(path, this.#text.slice(start, this.#position));
  }

  /** @param raw - a scalar as it is written; `undefined` for a container, which has no text */
  #test(path: string, raw: string | undefined): void {
    let texts: readonly string[] | undefined;
    for (let index = this.#open.length - 1; index >= 0; index--) {
      // SAFETY: the index is within bounds: elements go only at `index`.
      const check = this.#open[index] as CompiledBodyCheck;
      this.#matched += path.length;
      if (!check.path.matches(path)) continue;
      this.#reached.add(check);
      if (check.value !== undefined) {
        texts ??= raw === undefined ? [] : textsOf(raw);
        if (!texts.some((text) => check.value?.matches(text))) continue;
      }
      this.#found.add(check);
      this.#open.splice(index, 1);
    }
  }

  #name(): string {
    const start = this.#position;
    this.#skipString();
    return unquoted(this.#text.slice(start, this.#position));
  }

  /** From the opening quote past the closing one. */
  #skipString(): void {
    const text = this.#text;
    let position = this.#position + 1;
    for (let code = text.charCodeAt(position); code !== QUOTE; code = text.charCodeAt(position))
      position += code === BACKSLASH ? 2 : 1;
    this.#position = position + 1;
  }

  #skip(token: RegExp): void {
    token.lastIndex = this.#position;
    this.#position += token.exec(this.#text)?.[0].length ?? 0;
  }

  #at(character: string): boolean {
    return this.#text[this.#position] === character;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SEPARATORS = /[ \t\r\n,:]*/y;
const SCALAR = /[^ \t\r\n,\]}]+/y;

function unquoted(raw: string): string {
  return raw.includes("\\") ? (JSON.parse(raw) as string) : raw.slice(1, -1);
}

/** A number counts as it is written, and in the shortest spelling of its value: `1e3` and `1000.0` are `1000` too. */
function textsOf(raw: string): readonly string[] {
  if (raw.startsWith('"')) return [unquoted(raw)];
  const isRespelt = /^-?[0-9]+[.eE]|^-0$/.test(raw) && Number.isFinite(Number(raw));
  return isRespelt ? [raw, String(Number(raw))] : [raw];
}
