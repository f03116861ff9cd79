/** Components that look beside the request: the verified token, the actor, the time, the body. Any may be missing. */
import { compilePattern } from "../pattern/pattern.js";
import { actorFields, type Field } from "./actor-fields.js";
import { claimSatisfies, compileClaimPath } from "./claims.js";
import type { Component, MatchInput } from "./component.js";
import type { BodyCheck, Check, TokenCheck } from "./condition-schema.js";
import { compileWhen, describeTime, type When } from "./when.js";

export function tokenComponent({ claim, matchValue, presence }: TokenCheck, index: number): Component {
  const find = compileClaimPath(claim);
  const value = matchValue && compilePattern(matchValue);
  const wanted = presence === "must_exist";
  return {
    name: "token",
    index,
    holds: ({ context: { token } }) =>
      token === undefined ? undefined : claimSatisfies(find(token), value) === wanted,
    saw: ({ context: { token } }) => {
      if (token === undefined) return "the call has no verified token";
      if (!wanted) return `the claim \`${claim}\` is there`;
      return find(token) === undefined
        ? `the claim \`${claim}\` is absent`
        : `the claim \`${claim}\` has another value`;
    },
  };
}

export function actorComponent(check: Check, index: number): Component {
  const name = compilePattern(check.name);
  const value = check.matchValue && compilePattern(check.matchValue);
  const wanted = check.presence === "must_exist";
  return {
    name: "actor",
    index,
    holds: (input) => {
      const fields = fieldsOf(input);
      if (fields === undefined) return undefined;
      for (const [field, text] of fields)
        if (name.matches(field) && (value === undefined || value.matches(text))) return wanted;
      return !wanted;
    },
    saw: (input) => {
      if (input.context.actor === undefined) return "the call has no actor";
      const fields = fieldsOf(input);
      if (fields === undefined) return "the actor has too many claims";
      if (!wanted) return "a field of the actor matches";
      const isNamed = fields.some(([field]) => name.matches(field));
      return isNamed
        ? "a field of the actor has the name, and not the value"
        : "no field of the actor has the name";
    },
  };
}

/** Read once for each decision, when a rule first asks. */
const fieldsByInput = new WeakMap<MatchInput, { readonly fields: readonly Field[] | undefined }>();

function fieldsOf(input: MatchInput): readonly Field[] | undefined {
  const { actor } = input.context;
  if (actor === undefined) return undefined;
  const known = fieldsByInput.get(input) ?? { fields: actorFields(actor) };
  fieldsByInput.set(input, known);
  return known.fields;
}

export function whenComponent(when: When): Component {
  const holdsAt = compileWhen(when);
  return {
    name: "when",
    holds: ({ context: { now } }) => holdsAt(now),
    saw: ({ context: { now } }) =>
      now === undefined || holdsAt(now) === undefined
        ? "the time of the call is not known"
        : `the call was made at ${describeTime(now, when)}`,
  };
}

export function bodyComponent({ jsonPath, matchValue, presence }: BodyCheck, index: number): Component {
  const bodyCheck = { path: compilePattern(jsonPath), value: matchValue && compilePattern(matchValue) };
  const wanted = presence === "must_exist";
  return {
    name: "body",
    index,
    bodyCheck,
    holds: ({ body }) =>
      body?.matches.ok === true ? body.matches.found.has(bodyCheck) === wanted : undefined,
    saw: ({ body }) => {
      if (body === undefined) return "the body was not handed over";
      const { matches } = body;
      if (!matches.ok) return matches.reason;
      if (!wanted) return "a node of the body matches";
      return matches.reached.has(bodyCheck)
        ? "a node of the body has the path, and not the value"
        : "no node of the body has the path";
    },
  };
}
