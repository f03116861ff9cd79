/** Turns the schema's findings into faults that name the place, the field that was meant and what to do. */
import type { z } from "zod";
import type { PolicyIssue } from "../errors.js";
import { nearestName } from "./nearest-name.js";
import { PLANNED_FIELDS, PLANNED_VALUES } from "./planned.js";
import { LEVEL_FIELDS, type Level } from "./schema.js";
import { typeRemedy } from "./type-remedy.js";

type Path = readonly PropertyKey[];

/** JSON pointer (RFC 6901) of a path. */
export function toPointer(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** A fault with what tells whether another one only echoes it. */
interface Finding extends PolicyIssue {
  /** The field that an unknown one was probably meant to be. */
  readonly meant?: string;
  /** Whether it says all there is to say of its place. */
  readonly isWhole?: true;
}

/**
 * All faults of a document that the schema refused. Those that only follow from another are left out: the missing
 * `effect` beside an `efect`, for example.
 */
export function issuesOf(error: z.ZodError, document: unknown): PolicyIssue[] {
  const findings = error.issues.flatMap((issue) => issuesOfOne(issue, document, []));
  const explained = new Set(findings.flatMap(explainedBy));
  const whole = new Map(findings.flatMap((one) => (one.isWhole ? [[one.pointer, one]] : [])));
  return findings
    .filter((one) => {
      if (one.isWhole) return whole.get(one.pointer) === one;
      return one.kind === "unsupported" || one.meant !== undefined || !explained.has(one.pointer);
    })
    .map(({ meant: _meant, isWhole: _isWhole, ...issue }) => issue);
}

/** Where else a fault shows: in the field that was meant, or the object as a whole. */
function explainedBy({ pointer, kind, meant, isWhole }: Finding): string[] {
  if (isWhole) return [pointer];
  const object = pointer.slice(0, pointer.lastIndexOf("/"));
  if (meant !== undefined) return [`${object}/${meant}`];
  return kind === "unsupported" ? [object] : [];
}

function issuesOfOne(issue: z.core.$ZodIssue, document: unknown, base: Path): Finding[] {
  const path = [...base, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField([...path, key], document));
    case "invalid_union":
      return unionIssues(issue, document, path);
    case "invalid_value":
      return [invalidValue(issue.values, path, document)];
    case "invalid_type":
      return [invalidType(issue.expected, path, document)];
    case "invalid_key":
      return issue.issues.map(({ message }) => ({ pointer: toPointer(path), message, kind: "invalid" }));
    case "too_small":
    case "too_big":
      return [{ pointer: toPointer(path), message: sizeMessage(issue), kind: "invalid" }];
    case "custom":
      return [
        { pointer: toPointer(path), message: lowerFirst(issue.message), ...helpOf(issue), kind: "invalid" },
      ];
    default:
      return [{ pointer: toPointer(path), message: lowerFirst(issue.message), kind: "invalid" }];
  }
}

/** Our own checks say what to do about what they find. */
function helpOf({ params }: z.core.$ZodIssueCustom): { readonly help?: string } {
  return typeof params?.help === "string" ? { help: params.help } : {};
}

/** A union's members are "a string" or objects: report what the member says that the value comes closest to. */
function unionIssues(issue: z.core.$ZodIssueInvalidUnion, document: unknown, path: Path): Finding[] {
  const value = valueAt(document, path);
  const ofKind = issue.errors.filter(
    (member) => !member.some((one) => one.code === "invalid_type" && one.path.length === 0),
  );
  // Of two objects equally far off, one with a `path` in it was meant to be nested; that member comes last.
  const isNested = valueAt(document, [...path, "path"]) !== undefined;
  const [closest] = (isNested ? ofKind.toReversed() : ofKind).toSorted((a, b) => a.length - b.length);
  if (closest !== undefined) return closest.flatMap((one) => issuesOfOne(one, document, path));
  const expected = issue.errors.flatMap((member) =>
    member.flatMap((one) => (one.code === "invalid_type" ? article(one.expected) : [])),
  );
  const choices = [...new Set(expected)].join(" or ");
  const message =
    value === undefined
      ? `\`${String(path.at(-1))}\` is missing: expected ${choices}`
      : `expected ${choices}`;
  return [{ pointer: toPointer(path), message, kind: "invalid" }];
}

function unknownField(path: Path, document: unknown): Finding {
  const pointer = toPointer(path);
  const field = String(path.at(-1));
  const level = levelAt(path.slice(0, -1), document);
  const planned = level === undefined ? undefined : PLANNED_FIELDS[level]?.[field];
  if (planned !== undefined) {
    return {
      pointer,
      message: `\`${field}\` is not enforced by this version, so it is refused`,
      help: planned,
      kind: "unsupported",
    };
  }
  // Below a secret an unknown name may be the secret itself.
  if (level === "secret") {
    const help = "a secret has exactly one of `sealed`, `env`, `inline`";
    return {
      pointer: toPointer(path.slice(0, -1)),
      message: "unknown field in a secret",
      help,
      kind: "invalid",
      isWhole: true,
    };
  }
  if (level === "nested path" && !isKnown(field, level)) {
    const help = "write `path: { pattern, flags, presence }`";
    return { pointer, message: `\`${field}\` cannot stand beside a nested \`path\``, help, kind: "invalid" };
  }
  if (level !== undefined && isKnown(field, level)) {
    const help = "of all patterns, only a `path` has one";
    return { pointer, message: `\`${field}\` does not belong here`, help, kind: "invalid" };
  }
  const nearest = level === undefined ? undefined : nearestName(field, LEVEL_FIELDS[level]);
  const fields =
    level === undefined
      ? ""
      : `${named(level)} has ${LEVEL_FIELDS[level].map((one) => `\`${one}\``).join(", ")}`;
  return nearest === undefined
    ? { pointer, message: `unknown field \`${field}\``, help: fields || "remove it", kind: "invalid" }
    : {
        pointer,
        message: `unknown field \`${field}\`, did you mean \`${nearest}\`?`,
        help: fields,
        kind: "invalid",
        meant: nearest,
      };
}

function isKnown(field: string, level: Level): boolean {
  return (LEVEL_FIELDS[level] as readonly string[]).includes(field);
}

function invalidValue(values: readonly unknown[], path: Path, document: unknown): PolicyIssue {
  const pointer = toPointer(path);
  const field = String(path.at(-1));
  const level = levelAt(path.slice(0, -1), document);
  const value = valueAt(document, path);
  const planned = level === undefined ? undefined : PLANNED_VALUES[level]?.[field];
  if (typeof value === "string" && planned?.includes(value)) {
    return {
      pointer,
      message: `\`${value}\` is not enforced by this version, so it is refused`,
      help: `use one of ${listed(values)}`,
      kind: "unsupported",
    };
  }
  const choices = values.map(String);
  const nearest = typeof value === "string" ? nearestName(value, choices) : undefined;
  if (value === undefined)
    return {
      pointer,
      message: `\`${field}\` is missing`,
      help: `use one of ${listed(values)}`,
      kind: "invalid",
    };
  const meant = nearest === undefined ? "" : `did you mean \`${nearest}\`? `;
  return { pointer, message: `${meant}expected one of ${listed(values)}`, kind: "invalid" };
}

function invalidType(expected: string, path: Path, document: unknown): PolicyIssue {
  const value = valueAt(document, path);
  const field = String(path.at(-1) ?? "the document");
  const message =
    value === undefined
      ? `\`${field}\` is missing: expected ${article(expected)}`
      : `expected ${article(expected)}`;
  const help = typeRemedy(expected, path, value);
  return { pointer: toPointer(path), message, ...(help === undefined ? {} : { help }), kind: "invalid" };
}

/** The schema's own sentence where it has one, else ours in place of the library's. */
function sizeMessage(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (!/^too (?:small|big)/i.test(issue.message)) return issue.message;
  const [limit, bound] = issue.code === "too_small" ? [issue.minimum, "least"] : [issue.maximum, "most"];
  const [one, many] = UNITS[issue.origin] ?? ["", ""];
  return `expected at ${bound} ${limit}${Number(limit) === 1 ? one : many}`;
}

const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  array: [" entry", " entries"],
  string: [" character", " characters"],
};

const ARTICLES: Readonly<Record<string, string>> = {
  object: "an object",
  record: "an object",
  array: "a list",
  int: "a whole number",
};

function article(type: string): string {
  return ARTICLES[type] ?? `a ${type}`;
}

function listed(values: readonly unknown[]): string {
  return values.map((value) => `\`${String(value)}\``).join(", ");
}

function named(level: Level): string {
  return NAMED_AS_WRITTEN.includes(level) ? `\`${level}\`` : `${level === "operation" ? "an" : "a"} ${level}`;
}

const NAMED_AS_WRITTEN: readonly Level[] = [
  ...(["policy", "settings", "paths", "redirects", "retry", "network", "tls", "limits"] as const),
  ...(["when", "mask"] as const),
];

const ENTITY_LEVELS: Readonly<Record<string, Level>> = {
  targets: "target",
  credentials: "credential",
  proxies: "proxy",
};

const MEMBER_LEVELS: Readonly<Record<string, Level>> = {
  rules: "rule",
  filters: "filter",
  operations: "operation",
  variables: "variable",
  headers: "check",
  query: "check",
  actor: "check",
  headerChecks: "check",
  queryChecks: "check",
  token: "token check",
  body: "body check",
  when: "when",
  mask: "mask",
  path: "pattern",
  pathPattern: "pattern",
  host: "pattern",
  name: "pattern",
  matchValue: "pattern",
  jsonPath: "pattern",
  secret: "secret",
  paths: "paths",
  redirects: "redirects",
  retry: "retry",
  network: "network",
  tls: "tls",
  limits: "limits",
  settings: "settings",
};

/** Which level of the document a path leads to. */
function levelAt(path: Path, document: unknown): Level | undefined {
  if (path.length === 0) return "policy";
  if (path.length === 2) return ENTITY_LEVELS[String(path[0])];
  const word = path.findLast((part) => typeof part === "string");
  if (word === "path" && valueAt(document, [...path, "path"]) !== undefined) return "nested path";
  return MEMBER_LEVELS[String(word)];
}

/** The value at a path of own properties; `undefined` when there is none. */
export function valueAt(document: unknown, path: Path): unknown {
  let value: unknown = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
