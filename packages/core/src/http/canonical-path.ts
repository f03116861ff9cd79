/**
 * The one spelling of a path that rules see and that is sent.
 *
 * Two parties that spell a path differently disagree about which rule covers it; so unreserved escapes are decoded and
 * all others upper-cased, and a path that servers are known to read in more than one way is called ambiguous
 * (docs/spec/policy.md, "Canonical request").
 */
import { hexPairAt, percentDecode, percentDecodeLossy } from "./percent.js";

export interface CanonicalPath {
  readonly path: string;
  /** Fully decoded, slashes collapsed, dot segments followed: what a careless server may read. Equal to `path` for most requests. */
  readonly decoded: string;
  /** Why the path is ambiguous, in words; empty when it is not. */
  readonly ambiguities: readonly string[];
}

/**
 * @param pathname - a path as `URL.pathname` gives it: starts with `/`, dot segments removed
 */
export function canonicalPath(pathname: string): CanonicalPath {
  if (!TELLING.test(pathname)) return { path: pathname, decoded: pathname, ambiguities: NONE };
  const path = pathname.includes("%") ? canonicalEscapes(pathname) : pathname;
  const ambiguities = pathname.includes("%") ? escapeAmbiguities(path) : [];
  if (path.includes("//")) ambiguities.push("the path has an empty segment (`//`)");
  const slashed = fullyDecoded(path)
    .replaceAll("\\", "/")
    .replace(/\/{2,}/g, "/");
  if (hasParametersInDotSegment(path) || hasParametersInDotSegment(slashed)) {
    ambiguities.push("the path has parameters in a dot segment (`..;`)");
  }
  return { path, decoded: withoutDotSegments(slashed), ambiguities };
}

/** Without any of these a path has one spelling and one reading. */
const TELLING = /[%\\;]|\/\/|\/\./;

const NONE: readonly string[] = Object.freeze([]);

function canonicalEscapes(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (triplet, at: number) => {
    const character = String.fromCharCode(hexPairAt(triplet, 1));
    // Behind a stray `%` the character would complete an escape that was none: `%2%66` is no `%2f`.
    const isBehindStray = /%[0-9A-Fa-f]?$/.test(path.slice(Math.max(0, at - 2), at));
    return UNRESERVED.test(character) && !isBehindStray ? character : triplet.toUpperCase();
  });
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/** Escapes of escapes are followed this deep: past what any chain of servers decodes, short of quadratic work. */
const MAX_DECODINGS = 5;

/** What is not UTF-8 must not hide the rest of the path, so it is replaced. */
function fullyDecoded(path: string): string {
  let text = path;
  for (let round = 0; round < MAX_DECODINGS && text.includes("%"); round++) text = percentDecodeLossy(text);
  return text;
}

/** Decoding can bring new dot segments to light: `/public/..%2fadmin`. */
function withoutDotSegments(path: string): string {
  if (!/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const segment of path.split("/").slice(1)) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`;
}

function escapeAmbiguities(path: string): string[] {
  const found: string[] = [];
  if (/%2F/.test(path)) found.push("the path has an encoded slash (`%2F`)");
  if (/%5C/.test(path)) found.push("the path has an encoded backslash (`%5C`)");
  if (/%[01][0-9A-F]|%7F|%C2%[89][0-9A-F]/.test(path))
    found.push("the path has an encoded control character");
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) found.push("the path has a `%` that starts no escape");
  if (/%25[0-9A-Fa-f]{2}/.test(path)) found.push("the path has an escape of an escape (`%25xx`)");
  if (percentDecode(path) === undefined) found.push("the path has escapes that are not UTF-8");
  return found;
}

function hasParametersInDotSegment(path: string): boolean {
  return /(?:^|\/)\.{1,2};/.test(path);
}
