/** The conditions of rules and filters, compiled into questions about a request. */
import { CREDENTIAL_ID_HEADER } from "../http/guard-headers.js";
import { isStandardMethod } from "../http/method.js";
import { compilePattern, type Pattern } from "../pattern/pattern.js";
import { Recent } from "../recent.js";
import { allHold, type Component, type Conditions, type MatchInput } from "./component.js";
import type { Check, PatternSpec } from "./condition-schema.js";
import { actorComponent, bodyComponent, tokenComponent, whenComponent } from "./context-components.js";
import type { Filter, Rule } from "./schema.js";

export type { Conditions, MatchInput } from "./component.js";

type FilterConditions = Pick<Filter, "methods" | "path" | "headers" | "query" | "token">;
type RuleConditions = FilterConditions & Pick<Rule, "host" | "body" | "actor" | "when">;

/** What a rule asks, apart as an index of rules needs it. All of it has to hold. */
export interface RuleQuestions {
  /** Those that can match, in upper case; `undefined` for all. */
  readonly methods: ReadonlySet<string> | undefined;
  /** `wanted`: the pattern has to match the path; else it must not. */
  readonly path: { readonly pattern: Pattern; readonly wanted: boolean } | undefined;
  /** The rest, the cheap ones first: the body is read only for a rule that matches in all else. */
  readonly others: readonly Component[];
  /** All of `others`; `undefined` when there are none. */
  readonly othersHold: Conditions | undefined;
}

/** @throws PatternSyntaxError; `compilePolicy` adds where */
export function compileQuestions(fields: RuleConditions): RuleQuestions {
  const { methods, path } = fields;
  const others = otherComponents(fields);
  return {
    methods: methods && methodSets.of(methods.join(), () => upperCased(methods)),
    path: path && { pattern: compilePattern(path), wanted: path.presence === "must_exist" },
    others,
    othersHold: others.length === 0 ? undefined : allHold(others),
  };
}

function upperCased(methods: readonly string[]): ReadonlySet<string> {
  return new Set(methods.map((method) => method.toUpperCase()));
}

/** Most rules of a policy have the same few. A method has no comma. */
const methodSets = new Recent<ReadonlySet<string>>(1024);

/** As components, in the order in which they are explained. */
export function componentsOf({ methods, path, others }: RuleQuestions): readonly Component[] {
  const isHost = ({ name }: Component) => name === "host";
  return [
    ...(methods === undefined ? [] : [methodsComponent(methods)]),
    ...others.filter(isHost),
    ...(path === undefined ? [] : [pathComponent(path.pattern, path.wanted)]),
    ...others.filter((one) => !isHost(one)),
  ];
}

/**
 * Whether a filter applies: what cannot be evaluated counts as satisfied.
 *
 * @throws PatternSyntaxError; `compilePolicy` adds where
 */
export function compileConditions(fields: FilterConditions): (input: MatchInput, path: string) => boolean {
  const components = componentsOf(compileQuestions(fields));
  if (components.length === 0) return ALWAYS;
  const holds = allHold(components);
  return (input, path) => holds(input, path) !== false;
}

/** Of a filter without conditions. */
export const ALWAYS = (): boolean => true;

const NO_COMPONENTS: readonly Component[] = [];

function otherComponents(fields: RuleConditions): readonly Component[] {
  const { host, headers, query, when, token, actor, body } = fields;
  // Rules come by the thousand, and most have none.
  if ((host ?? headers ?? query ?? when ?? token ?? actor ?? body) === undefined) return NO_COMPONENTS;
  return [
    ...(host === undefined ? [] : [hostComponent(compilePattern(withoutCase(host)))]),
    ...(headers ?? []).map(headerComponent),
    ...(query ?? []).map(queryComponent),
    ...(when === undefined ? [] : [whenComponent(when)]),
    ...(token ?? []).map(tokenComponent),
    ...(actor ?? []).map(actorComponent),
    ...(body ?? []).map(bodyComponent),
  ];
}

function methodsComponent(methods: ReadonlySet<string>): Component {
  return {
    name: "methods",
    // Standard methods are in upper case already.
    holds: ({ request: { method } }) =>
      methods.has(method) || (!isStandardMethod(method) && methods.has(method.toUpperCase())),
    saw: ({ request }) => `the method is \`${request.method}\``,
  };
}

function hostComponent(pattern: Pattern): Component {
  return {
    name: "host",
    holds: ({ request }) => pattern.matches(request.host),
    saw: () => `\`${pattern.source}\` does not match the host`,
  };
}

function pathComponent(pattern: Pattern, wanted: boolean): Component {
  return {
    name: "path",
    holds: (_, path) => pattern.matches(path) === wanted,
    saw: () => `\`${pattern.source}\` ${wanted ? "does not match" : "matches"} the path`,
  };
}

function headerComponent(check: Check, index: number): Component {
  const { name, value, wanted } = compileCheck({ ...check, name: withoutCase(check.name) });
  const fits = (header: string, text: string) =>
    name.matches(header) && (value === undefined || value.matches(text));
  const holds: Conditions = ({ request, context, injectedHeader }) => {
    for (const [header, text] of request.headers) if (fits(header, text)) return wanted;
    const { proxyCredential } = context;
    if (proxyCredential !== undefined && fits(CREDENTIAL_ID_HEADER, proxyCredential)) return wanted;
    if (injectedHeader === undefined || !name.matches(injectedHeader)) return !wanted;
    return value === undefined ? wanted : undefined;
  };
  return {
    name: "headers",
    index,
    holds,
    saw: (input, path) => {
      const { request, context, injectedHeader } = input;
      if (holds(input, path) === undefined)
        return `the credential sets \`${injectedHeader}\`, whose value is not seen`;
      const credentialId = context.proxyCredential === undefined ? [] : CREDENTIAL_ID_HEADER;
      const names = [...request.headers.keys(), credentialId, injectedHeader ?? []].flat();
      return sawNames("header", name, names, wanted);
    },
  };
}

function queryComponent(check: Check, index: number): Component {
  const { name, value, wanted } = compileCheck(check);
  return {
    name: "query",
    index,
    holds: ({ request }) => {
      for (const pair of request.queryPairs)
        if (name.matches(pair.name) && (value === undefined || value.matches(pair.value))) return wanted;
      return !wanted;
    },
    saw: ({ request }) =>
      sawNames(
        "parameter",
        name,
        request.queryPairs.map((pair) => pair.name),
        wanted,
      ),
  };
}

function compileCheck({ name, matchValue, presence }: Check) {
  return {
    name: compilePattern(name),
    value: matchValue && compilePattern(matchValue),
    wanted: presence === "must_exist",
  };
}

const MAX_NAMED = 5;
const MAX_NAME_CHARACTERS = 64;

/** Names may be told, values not. */
function sawNames(what: string, pattern: Pattern, names: readonly string[], wanted: boolean): string {
  const matching = [...new Set(names)].filter((name) => pattern.matches(name));
  if (matching.length === 0) return `no ${what} has the name`;
  const listed = matching.slice(0, MAX_NAMED).map((name) => `\`${name.slice(0, MAX_NAME_CHARACTERS)}\``);
  const all = [...listed, ...(matching.length > MAX_NAMED ? ["…"] : [])].join(", ");
  return wanted ? `${what}s with the name, none with the value: ${all}` : `${what}s with the name: ${all}`;
}

/** Names of hosts and headers have no case: a deny that is written `^X-Debug$` must not miss `x-debug`. */
export function withoutCase({ pattern, flags = "" }: PatternSpec): PatternSpec {
  return { pattern, flags: flags.includes("i") ? flags : `${flags}i` };
}
