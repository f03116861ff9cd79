/** Text that is no query. */
export class QuerySyntaxError extends Error {
  override readonly name = "QuerySyntaxError";
  /** What to write instead. */
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
