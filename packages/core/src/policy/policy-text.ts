/** Policies as text, in whatever format. */
import type { TextPlace } from "./text-lines.js";

/** How deep a text may be nested for the readers of ours: beyond what a policy can be, and far from the call stack's end. */
export const MAX_TEXT_DEPTH = 64;

/** A document that was read from a text. */
export interface PolicyText {
  /** As `JSON.parse` would give it. */
  readonly document: unknown;
  /**
   * Where members (their names) and elements begin in the text: those of the JSON pointers given that are there. A reader
   * that cannot say leaves it out. Asked only for a policy that does not load, once; if it fails, the policy's faults are
   * told without their places.
   */
  readonly placesOf?: (pointers: ReadonlySet<string>) => ReadonlyMap<string, TextPlace>;
}

/**
 * Reads a text in some format, at once: it returns no promise.
 *
 * @throws PolicyError for a text that is not in that format, or that its readers may understand differently, with names
 *   that repeat for instance; without any value of the text
 */
export type PolicyTextReader = (text: string) => PolicyText;
