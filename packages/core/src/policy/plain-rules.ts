/** The rules of a document that are read without the schema, and the document without them. */
import { InternalError } from "../errors.js";
import { plainRule } from "./plain-rule.js";
import type { Rule } from "./rule-schema.js";
import { MAX_RULES, type Policy } from "./schema.js";

/** A document in two parts. */
export interface Parts {
  /** The document without the rules that were read. What is wrong with it may be told otherwise than of the whole. */
  readonly rest: unknown;
  /** At most so many values are in what was taken out. */
  readonly values: number;
  /** Puts the rules into the policy that the rest came to be, each where it stood. */
  readonly join: (policy: Policy) => Policy;
}

const KINDS = ["targets", "credentials", "proxies"] as const;

type Kind = (typeof KINDS)[number];

/** The rules of one entity, with gaps for those that are left to the schema. */
interface TakenList {
  readonly kind: Kind;
  readonly id: string;
  readonly rules: readonly (Rule | undefined)[];
}

/** @returns `undefined` when there are none to take out */
export function withoutPlainRules(document: unknown): Parts | undefined {
  const rest = copyOf(document);
  if (rest === undefined) return undefined;
  const taken: TakenList[] = [];
  let values = 0;
  for (const kind of KINDS) {
    const entities = copyOf(rest[kind]);
    if (entities === undefined) continue;
    rest[kind] = entities;
    for (const id of Object.keys(entities)) {
      const entity = copyOf(entities[id]);
      const list = entity?.rules;
      if (entity === undefined || !Array.isArray(list) || list.length > MAX_RULES) continue;
      const left: unknown[] = [];
      const rules: (Rule | undefined)[] = [];
      for (let index = 0; index < list.length; index++) {
        const written: unknown = list[index];
        const rule = plainRule(written);
        rules.push(rule);
        if (rule === undefined) left.push(written);
        else values += valuesIn(rule);
      }
      entities[id] = { ...entity, rules: left };
      taken.push({ kind, id, rules });
    }
  }
  return taken.length === 0 ? undefined : { rest, values, join: (policy) => joined(policy, taken) };
}

function joined(policy: Policy, taken: readonly TakenList[]): Policy {
  for (const { kind, id, rules } of taken) {
    const entity = policy[kind][id];
    if (entity === undefined) throw new InternalError("an entity was lost");
    const left = entity.rules.values();
    entity.rules = rules.map((rule) => rule ?? (left.next().value as Rule));
  }
  return policy;
}

/** A copy of a plain object, as JSON has them: of no other would a copy be the same. */
function copyOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  return Reflect.ownKeys(value).length === Object.keys(value).length ? { ...value } : undefined;
}

/** At most so many: of the rule, its fields, and what stands in them. */
function valuesIn({ actor = [], headers = [], methods = [], query = [] }: Rule): number {
  return 20 + methods.length + 8 * (actor.length + headers.length + query.length);
}
