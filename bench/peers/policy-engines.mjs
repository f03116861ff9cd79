// Policy engines from elsewhere, each in its fastest mode: rules compiled beforehand, one question at a time.
import { strict as assert } from "node:assert";
import { createMongoAbility, subject } from "@casl/ability";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { newEnforcer, newModelFromString } from "casbin";

/** What they are asked about, in their own words. `env` is the header `x-env`, which every request has. */
const question = ({ method, path, headers }) => ({ method, path, env: headers.get("x-env") });

/**
 * All of them answer whether the request is allowed: a deny wins, and nothing is allowed that no rule allows.
 *
 * @typedef {{ words: string, prepare: (request: import("@sallyport/core").CanonicalRequest) => unknown, allows: (prepared: unknown) => boolean }} Engine
 */

/** @returns {Engine} */
export function caslEngine(rules) {
  const ability = createMongoAbility(
    // A later rule wins over an earlier one.
    [...rules]
      .sort((one, other) => Number(one.effect === "deny") - Number(other.effect === "deny"))
      .map(({ effect, methods, path, headers }) => ({
        action: methods,
        subject: "call",
        inverted: effect === "deny",
        conditions: {
          path: { $regex: new RegExp(path.pattern) },
          ...(headers === undefined ? {} : { env: { $regex: envPattern(headers) } }),
        },
      })),
  );
  return {
    words: "@casl/ability, $regex conditions",
    prepare(request) {
      const { method, path, env } = question(request);
      return { method, call: subject("call", { path, env }) };
    },
    allows: ({ method, call }) => ability.can(method, call),
  };
}

const CASBIN_MODEL = `
[request_definition]
r = method, path, env

[policy_definition]
p = methods, path, env, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = matches(r.method, p.methods) && matches(r.path, p.path) && matches(r.env, p.env)
`;

/** @returns {Promise<Engine>} */
export async function casbinEngine(rules) {
  const enforcer = await newEnforcer(newModelFromString(CASBIN_MODEL));
  await enforcer.addPolicies(
    rules.map(({ effect, methods, path, headers }) => [
      `^(${methods.join("|")})$`,
      path.pattern,
      headers === undefined ? "" : envPattern(headers).source,
      effect,
    ]),
  );
  // Its own `regexMatch` compiles the expression for each rule of each question.
  const compiled = new Map();
  await enforcer.addFunction("matches", (text, source) => {
    let pattern = compiled.get(source);
    if (pattern === undefined) {
      pattern = new RegExp(source);
      compiled.set(source, pattern);
    }
    return pattern.test(text);
  });
  return {
    words: "casbin, enforceSync, expressions compiled once",
    prepare: question,
    allows: ({ method, path, env }) => enforcer.enforceSync(method, path, env),
  };
}

let policySets = 0;

/** It has no regular expressions: takes rules whose paths are globs. @returns {Engine} */
export function cedarEngine(rules) {
  const name = `rules-${++policySets}`;
  const answer = cedar.preparsePolicySet(name, { staticPolicies: rules.map(cedarPolicy).join("\n") });
  assert.equal(answer.type, "success");
  return {
    words: "cedar-wasm, preparsed, `like` for paths",
    prepare(request) {
      const { method, path, env } = question(request);
      return {
        principal: { type: "Caller", id: "bench" },
        action: { type: "Action", id: method },
        resource: { type: "Api", id: "api" },
        context: { path, env },
        preparsedPolicySetId: name,
        entities: [],
      };
    },
    allows(call) {
      const { type, response } = cedar.statefulIsAuthorized(call);
      assert.equal(type, "success");
      return response.decision === "allow";
    },
  };
}

function cedarPolicy({ effect, methods, path, headers }) {
  const actions = methods.map((method) => `Action::"${method}"`).join(", ");
  const env = headers === undefined ? "" : ` && context.env like "${envPattern(headers).source.slice(1)}*"`;
  const word = effect === "deny" ? "forbid" : "permit";
  return `${word}(principal, action in [${actions}], resource) when { context.path like "${globOf(path)}"${env} };`;
}

/** `^/v1/res7/.*$` is the glob `/v1/res7/*`. */
function globOf({ pattern }) {
  const glob = pattern.slice(1, -1).replaceAll(".*", "*");
  assert.match(glob, /^[a-z0-9/*]+$/);
  assert.equal(pattern, `^${glob.replaceAll("*", ".*")}$`);
  return glob;
}

function envPattern([{ matchValue }]) {
  return new RegExp(matchValue.pattern);
}
