import { parseArgs } from "node:util";

/** The lines of Node that are tested, the lowest supported one first. Odd ones never get long support. */
export const LINES = ["20", "22", "24", "26"];

export const USAGE = `usage: npm run test:matrix -- [--only ${LINES.join("|")}]... [--help] [-- ARGUMENTS OF VITEST]`;

/**
 * @param {string[]} args
 * @returns {{ help: boolean, lines: string[], vitest: string[] }} `lines` in the order of `LINES`, each once
 * @throws Error that says which argument is wrong
 */
export function readArguments(args) {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const { values } = parseArgs({
    args: args.slice(0, end),
    options: {
      only: { type: "string", multiple: true, default: LINES },
      help: { type: "boolean", default: false },
    },
  });
  for (const one of values.only) {
    if (!LINES.includes(one)) throw new Error(`\`--only ${one}\` is none of ${LINES.join(", ")}`);
  }
  return {
    help: values.help,
    lines: LINES.filter((line) => values.only.includes(line)),
    vitest: args.slice(end + 1),
  };
}
