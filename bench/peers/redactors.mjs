// Redactors from elsewhere at the filter's job: parsed, redacted at the paths they are told, and printed again.
import pinoRedact from "@pinojs/redact";
import fastRedact from "fast-redact";
import { JSONPath } from "jsonpath-plus";
import { SENSITIVE, SENSITIVE_PATHS } from "../documents.mjs";

/** The names that the filter's pattern looks for, case aside. */
const SENSITIVE_NAMES = /\(([^)]*)\)/.exec(SENSITIVE.pattern)[1].split("|");

/**
 * The redactors take the exact paths of the five properties in the records of a list document, compiled once where they
 * can. `jsonpath-plus` looks for the ten names wherever they stand, as the filter does: exact paths are no query that
 * does this job.
 *
 * @returns {Record<"pinojs-redact" | "fast-redact" | "jsonpath-plus", { words: string, redact: (bytes: Buffer) => string }>}
 */
export function redactors() {
  const paths = SENSITIVE_PATHS.map((path) => `data[*].${path.join(".")}`);
  const pino = pinoRedact({ paths, remove: true, serialize: JSON.stringify });
  const fast = fastRedact({ paths, remove: true, serialize: JSON.stringify });
  return {
    "pinojs-redact": {
      words: "parse → @pinojs/redact, told the exact paths → stringify",
      redact: (bytes) => pino(JSON.parse(bytes.toString())),
    },
    "fast-redact": {
      words: "parse → fast-redact, told the exact paths → stringify",
      redact: (bytes) => fast(JSON.parse(bytes.toString())),
    },
    "jsonpath-plus": {
      words: "parse → jsonpath-plus, `$..name` for ten names, and delete → stringify",
      redact: withoutJsonPaths(SENSITIVE_NAMES.map((name) => JSONPath.toPathArray(`$..${name}`))),
    },
  };
}

function withoutJsonPaths(paths) {
  return (bytes) => {
    const json = JSON.parse(bytes.toString());
    for (const path of paths) {
      const found = JSONPath({ path, json, resultType: "all", eval: false });
      for (const { parent, parentProperty } of found) delete parent[parentProperty];
    }
    return JSON.stringify(json);
  };
}
