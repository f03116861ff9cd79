/** A pattern that is outside the supported syntax. */
export class PatternSyntaxError extends Error {
  override readonly name = "PatternSyntaxError";
  /** What to write instead. */
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
