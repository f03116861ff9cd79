/** What kind of thing was left out. */
export type MarkClass = "secret" | "pii" | "phi" | "pan" | "size";

/** One act of leaving something out of a record: what an auditor sees in place of it. */
export interface SanitizationMark {
  /** JSON pointer to where the value would stand. */
  readonly pointer: string;
  readonly action: "drop" | "redact" | "mask" | "hash" | "tokenize" | "truncate" | "commit";
  readonly class: MarkClass;
  /** How many values, when it is not one. */
  readonly count?: number;
}
