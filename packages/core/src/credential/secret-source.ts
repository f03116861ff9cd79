/** Where the secret of a credential comes from, wrapped so that no log line, JSON text or debugger shows it. */

export type SecretLocation =
  | { readonly kind: "sealed"; readonly envelope: string }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "inline"; readonly value: Readonly<Record<string, unknown>> };

/** What stands in place of a secret wherever one would be printed. */
const SECRET_PLACEHOLDER = "[secret]";

/** A secret's location. Prints as `[secret]` in `inspect`, JSON and templates. */
export class SecretSource {
  readonly #location: SecretLocation;

  constructor(location: SecretLocation) {
    this.#location = location;
  }

  /** The location itself; for the code that opens credentials, nothing else. */
  locate(): SecretLocation {
    return this.#location;
  }

  toJSON(): string {
    return SECRET_PLACEHOLDER;
  }

  toString(): string {
    return SECRET_PLACEHOLDER;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SECRET_PLACEHOLDER;
  }
}
