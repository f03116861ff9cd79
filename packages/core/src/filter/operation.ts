/** What the filter engine does to a node, and how it is told. */
import type { Pattern } from "../pattern/pattern.js";
import type { VariableValues } from "../pattern/program.js";
import type { Select } from "./select.js";

export type OperationEffect = "destroy" | "retain" | "mask" | "hash";

/** How a masked scalar looks. */
export interface Mask {
  /** Stands for the value. @default "[REDACTED]" */
  readonly with?: string | undefined;
  /**
   * So many characters of the end of a scalar's text stay visible behind it; none of a text that is not at least twice
   * as long. @default 0
   */
  readonly keepLast?: number | undefined;
}

/** An operation bound to the values of its filter's variables. It has exactly one of `pattern` and `select`. */
export interface BoundOperation {
  readonly effect: OperationEffect;
  /** Searched for in path text. */
  readonly pattern?: Pattern | undefined;
  readonly select?: Select | undefined;
  readonly values: VariableValues;
  /** Destroy, mask, hash: only scalars whose text matches. */
  readonly matchValue?: Pattern | undefined;
  readonly mask?: Mask | undefined;
}

export const DEFAULT_MASK = "[REDACTED]";

/** The text in place of a masked scalar (`text`) or container (`undefined`). */
export function maskedText(mask: Mask | undefined, text: string | undefined): string {
  const shown = mask?.with ?? DEFAULT_MASK;
  const keepLast = mask?.keepLast ?? 0;
  if (keepLast === 0 || text === undefined) return shown;
  const characters = Array.from(text);
  return characters.length < 2 * keepLast ? shown : shown + characters.slice(-keepLast).join("");
}

/**
 * Of several masks and hashes that match one node, the one that shows least, whatever their order: a mask before a hash,
 * then the one that keeps fewer characters, then by its text.
 */
export function strictest(operations: readonly BoundOperation[]): BoundOperation | undefined {
  const order = ({ effect, mask }: BoundOperation) =>
    [effect === "mask" ? 0 : 1, mask?.keepLast ?? 0, mask?.with ?? DEFAULT_MASK] as const;
  return [...operations].sort((a, b) => {
    const [effectA, keptA, textA] = order(a);
    const [effectB, keptB, textB] = order(b);
    return effectA - effectB || keptA - keptB || (textA < textB ? -1 : 1);
  })[0];
}
