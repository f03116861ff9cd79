import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { CredentialError } from "../errors.js";
import { headerOfSecret } from "./secret.js";

type Type = Parameters<typeof headerOfSecret>[0];

function refusal(type: Type, text: string): CredentialError {
  try {
    headerOfSecret(type, text);
  } catch (error) {
    if (error instanceof CredentialError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("the header of a secret", () => {
  it.each<[Type, string, string, string]>([
    ["bearer", '{"token":"t1"}', "authorization", "Bearer t1"],
    ["bearer", '{"token":"t1","prefix":"token "}', "authorization", "token t1"],
    ["bearer", '{"token":"t1","prefix":""}', "authorization", "t1"],
    ["bearer", "t1", "authorization", "Bearer t1"],
    ["apiKey", '{"key":"k1"}', "x-api-key", "k1"],
    ["apiKey", '{"key":"k1","headerName":"X-Custom-Key"}', "x-custom-key", "k1"],
    ["apiKey", '{"key":"k1","in":"header"}', "x-api-key", "k1"],
    ["apiKey", "k1", "x-api-key", "k1"],
    ["basicAuth", '{"username":"u","password":"p"}', "authorization", "Basic dTpw"],
    ["basicAuth", "sk_live:", "authorization", "Basic c2tfbGl2ZTo="],
    ["basicAuth", "u:p:q", "authorization", "Basic dTpwOnE="],
    ["basicAuth", '{"username":"ü","password":"p"}', "authorization", "Basic w7w6cA=="],
  ])("of type %s from %s is %s", (type, text, name, value) => {
    expect(headerOfSecret(type, text)).toEqual({ name, value });
  });

  it.each<[Type, string, string]>([
    ["bearer", "{}", "`token` is missing"],
    ["bearer", '{"token":""}', "`token` is empty"],
    ["bearer", '{"token":7}', "`token` is not a string"],
    ["bearer", '{"token":"t","extra":1}', "it has an unknown field"],
    ["bearer", '{"__proto__":{"token":"t"}}', "it has an unknown field"],
    ["bearer", '{"token":', "it starts as JSON and does not parse"],
    ["bearer", "t1\n", "it holds a line break or another character that no header can carry"],
    ["bearer", "t1\r\nx-admin: 1", "it holds a line break or another character that no header can carry"],
    ["bearer", "t\u0000", "it holds a line break or another character that no header can carry"],
    ["bearer", "日本", "it holds a line break or another character that no header can carry"],
    [
      "apiKey",
      '{"key":"k","headerName":"x key"}',
      "it holds a line break or another character that no header can carry",
    ],
    [
      "apiKey",
      '{"key":"k","headerName":""}',
      "it holds a line break or another character that no header can carry",
    ],
    ["apiKey", '{"key":"k","in":"query"}', "only `in: header` is supported"],
    ["apiKey", '{"key":"k","in":"cookie"}', "only `in: header` is supported"],
    ["basicAuth", "user", "it is neither JSON nor `user:password`"],
    ["basicAuth", ":p", "`username` is empty"],
    ["basicAuth", '{"username":"a:b","password":"p"}', "a user name cannot contain a colon (RFC 7617)"],
  ])("is refused for type %s and %j", (type, text, fault) => {
    const error = refusal(type, text);
    expect(error.code).toBe("ERR_CREDENTIAL_SHAPE");
    expect(error.message).toBe(`the secret is not one of type \`${type}\`: ${fault}`);
  });

  it("is never part of a refusal: it names the fields expected and not those found", () => {
    const canary = "canary-77";
    for (const text of [
      `{"${canary}":1}`,
      `{"token":"${canary}"`,
      `{"token":["${canary}"]}`,
      `${canary}\n`,
    ]) {
      const error = refusal("bearer", text);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain(canary);
      expect(error.help).toBe("a `bearer` secret is a JSON object of `token`, `prefix`");
    }
  });
});
