/** The engine: RE2 in JavaScript, linear in the text whatever the pattern. */
import { RE2JS } from "re2js";
import { PatternSyntaxError } from "./syntax-error.js";

export interface CompiledRe2 {
  /** Instructions, a measure of what one match may cost. */
  readonly size: number;
  readonly matches: (text: string) => boolean;
}

/** @throws PatternSyntaxError when the program would be too large */
export function compileRe2(source: string): CompiledRe2 {
  try {
    const program = RE2JS.compile(source);
    return { size: program.programSize(), matches: (text) => program.test(text) };
  } catch (cause) {
    throw new PatternSyntaxError(
      `pattern is too large or malformed: ${cause instanceof Error ? cause.name : "unknown fault"}`,
      "use smaller repeat counts, or split the pattern",
    );
  }
}
