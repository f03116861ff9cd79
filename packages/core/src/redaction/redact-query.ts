/** Which parts of a query a record may hold (docs/spec/record.md, "Redaction"). */
import type { QueryPair } from "../http/form-query.js";
import type { SanitizationMark } from "./mark.js";
import { type MarkTally, tallyRedactions } from "./mark-tally.js";
import { redactText, replacementOf } from "./redact-text.js";
import type { RedactionClass, RedactionRules } from "./redaction-rules.js";

/** Carries a credential of ours, or of the caller: not even said to have been there by name. */
const AUTHORIZATION = "authorization";

/** Parameters whose values are secrets by convention, in lower case. */
export const SECRET_PARAMETERS: ReadonlySet<string> = new Set([
  "access_token",
  "api-key",
  "api_key",
  "apikey",
  "awsaccesskeyid",
  "client_assertion",
  "client_secret",
  "code",
  "id_token",
  "key",
  "password",
  "refresh_token",
  "secret",
  "session",
  "sig",
  "signature",
  "token",
  "x-amz-credential",
  "x-amz-security-token",
  "x-amz-signature",
  "x-goog-credential",
  "x-goog-signature",
]);

/** A query that may be recorded, and what was done to it. */
export interface RedactedQuery {
  /** In the order in which they came, repeats kept. */
  readonly query: readonly QueryPair[];
  readonly marks: readonly SanitizationMark[];
}

/**
 * What of a query may be recorded: names are kept, values by rule. Values of parameters that the rules or convention
 * call secret are replaced as a whole; in all other values and in names the detectors look. `Authorization` is left out,
 * whatever its case. Never changes its input; the second time there is nothing left to do.
 *
 * @param pairs - decoded, as in `CanonicalRequest.queryPairs`
 * @param rules - of which `keys` name parameters, and `pointers` nothing
 * @param pointer - where the list of pairs stands in the record
 * @see docs/spec/record.md, "Redaction"
 */
export function redactQuery(
  pairs: readonly QueryPair[],
  rules: RedactionRules,
  pointer: string,
): RedactedQuery {
  const kept = pairs.filter(({ name }) => name.toLowerCase() !== AUTHORIZATION);
  const tally: MarkTally = new Map();
  const query = kept.map(({ name, value }, index) => ({
    name: textFor(name, undefined, rules, `${pointer}/${index}/name`, tally),
    value: textFor(value, classOf(name, rules), rules, `${pointer}/${index}/value`, tally),
  }));
  const marks = [...tally.values()];
  const count = pairs.length - kept.length;
  if (count > 0) marks.push({ action: "drop", class: "secret", ...(count > 1 && { count }), pointer });
  return { query, marks };
}

function classOf(name: string, { keys }: RedactionRules): RedactionClass | undefined {
  const key = name.toLowerCase();
  return keys.get(key) ?? (SECRET_PARAMETERS.has(key) ? "secret" : undefined);
}

function textFor(
  text: string,
  as: RedactionClass | undefined,
  { detectors }: RedactionRules,
  pointer: string,
  tally: MarkTally,
): string {
  if (as !== undefined && text === replacementOf(as)) return text;
  const redacted =
    as === undefined ? redactText(text, detectors) : { text: replacementOf(as), found: [{ class: as }] };
  tallyRedactions(tally, pointer, redacted?.found ?? []);
  return redacted?.text ?? text;
}
