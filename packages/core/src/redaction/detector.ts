/** What a detector of sensitive text is (docs/spec/record.md, "Redaction"). */
import type { MarkClass } from "./mark.js";
import type { Span } from "./span.js";
import type { TextNeeds } from "./text-traits.js";

/** Finds one kind of sensitive text. */
export interface Detector<Name extends string = string> {
  /** Stands in place of what was found: `[REDACTED:name]`. */
  readonly name: Name;
  /** Of the marks that it leaves. */
  readonly class: MarkClass;
  /** It is asked about no text without these. */
  readonly needs: TextNeeds;
  /**
   * All that it finds, by rising start; spans may overlap. Never throws. An implementation looks at each character a
   * bounded number of times, whatever the text.
   */
  find(text: string): readonly Span[];
}
