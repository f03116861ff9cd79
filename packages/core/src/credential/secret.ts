/** The shapes of secrets, and the headers they become (docs/spec/credential.md, "Types"). */
import { toBase64, toUtf8 } from "../bytes.js";
import { CredentialError } from "../errors.js";
import type { AuthType, CredentialEntity } from "../policy/schema.js";

/** A header that a credential sets. */
export interface InjectedHeader {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

/**
 * The header of a secret.
 *
 * @param text - a JSON object of the type's shape, or its short form: the token, the key, `user:password`
 * @throws CredentialError `ERR_CREDENTIAL_SHAPE`, which names the fields expected and never the ones found
 */
export function headerOfSecret(authType: Exclude<AuthType, "none">, text: string): InjectedHeader {
  const fields = fieldsOf(authType, text);
  const header = buildHeader(authType, fields);
  if (UNSENDABLE.test(header.name))
    throw shapeError(authType, `\`${header.name}\` belongs to the connection`);
  if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(header.name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(header.value)) {
    throw shapeError(authType, "it holds a line break or another character that no header can carry");
  }
  return header;
}

/**
 * Lower-case name of the header that a credential will set, as far as it is known before the secret is opened: of an API
 * key whose secret is not inline, the usual one is expected.
 */
export function injectedHeaderOf({
  authType,
  secret,
}: Pick<CredentialEntity, "authType" | "secret">): string | undefined {
  if (authType === "none") return undefined;
  if (authType !== "apiKey") return AUTHORIZATION;
  const location = secret?.locate();
  const given = location?.kind === "inline" ? location.value.headerName : undefined;
  return typeof given === "string" ? given.toLowerCase() : API_KEY_HEADER;
}

const AUTHORIZATION = "authorization";
const API_KEY_HEADER = "x-api-key";

/** Headers that the platform sets itself or drops. */
const UNSENDABLE =
  /^(?:host|connection|content-length|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade|sec-.*)$/;

function buildHeader(authType: Exclude<AuthType, "none">, fields: Fields): InjectedHeader {
  switch (authType) {
    case "bearer": {
      const prefix = fields.optional("prefix") ?? "Bearer ";
      return { name: AUTHORIZATION, value: `${prefix}${fields.required("token")}` };
    }
    case "apiKey":
      if ((fields.optional("in") ?? "header") !== "header")
        throw shapeError(authType, "only `in: header` is supported");
      return {
        name: (fields.optional("headerName") ?? API_KEY_HEADER).toLowerCase(),
        value: fields.required("key"),
      };
    case "basicAuth": {
      const username = fields.required("username");
      if (username.includes(":")) throw shapeError(authType, "a user name cannot contain a colon (RFC 7617)");
      return {
        name: AUTHORIZATION,
        value: `Basic ${toBase64(toUtf8(`${username}:${fields.present("password")}`))}`,
      };
    }
  }
}

const FIELDS = {
  bearer: ["token", "prefix"],
  apiKey: ["key", "headerName", "in"],
  basicAuth: ["username", "password"],
} as const;

class Fields {
  readonly #authType: Exclude<AuthType, "none">;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(authType: Exclude<AuthType, "none">, values: Readonly<Record<string, unknown>>) {
    this.#authType = authType;
    this.#values = values;
    const known: readonly string[] = FIELDS[authType];
    if (!Object.keys(values).every((name) => known.includes(name)))
      throw shapeError(authType, "it has an unknown field");
  }

  optional(name: string): string | undefined {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw shapeError(this.#authType, `\`${name}\` is not a string`);
    return value;
  }

  /** May be empty, as the password of an API key that is sent as a user name. */
  present(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw shapeError(this.#authType, `\`${name}\` is missing`);
    return value;
  }

  required(name: string): string {
    const value = this.present(name);
    if (value === "") throw shapeError(this.#authType, `\`${name}\` is empty`);
    return value;
  }
}

function fieldsOf(authType: Exclude<AuthType, "none">, text: string): Fields {
  if (text.trimStart().startsWith("{")) return new Fields(authType, parseObject(authType, text));
  if (authType === "bearer") return new Fields(authType, { token: text });
  if (authType === "apiKey") return new Fields(authType, { key: text });
  const colon = text.indexOf(":");
  if (colon < 0) throw shapeError(authType, "it is neither JSON nor `user:password`");
  return new Fields(authType, { username: text.slice(0, colon), password: text.slice(colon + 1) });
}

function parseObject(authType: Exclude<AuthType, "none">, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // The parser's message quotes the text, so it is not kept.
    throw shapeError(authType, "it starts as JSON and does not parse");
  }
}

function shapeError(authType: Exclude<AuthType, "none">, fault: string): CredentialError {
  return new CredentialError(
    "ERR_CREDENTIAL_SHAPE",
    `the secret is not one of type \`${authType}\`: ${fault}`,
    {
      help: `a \`${authType}\` secret is a JSON object of ${FIELDS[authType].map((field) => `\`${field}\``).join(", ")}`,
    },
  );
}
