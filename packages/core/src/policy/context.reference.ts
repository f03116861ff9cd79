/** The part of the naive twin that reads tokens, actors, times and bodies. Test-only; shares no code with the engine. */
import type { Actor } from "./decision-context.js";
import type { RuleDocument } from "./schema.js";

type Plain = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text of a scalar; a list or an object has none. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "object" && value !== null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The texts that a claim has: one for a scalar or object, one for each element of a list. */
export function claimNaively(claims: unknown, path: string): (string | undefined)[] {
  if (!isObject(claims)) return [];
  const [longest] = Object.keys(claims)
    .filter((name) => path === name || path.startsWith(`${name}.`))
    .toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return [];
  const value = claims[longest];
  if (path !== longest) return claimNaively(value, path.slice(longest.length + 1));
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
}

export function actorFieldsNaively({ id, type, tenant, claims }: Actor): [string, string][] {
  const below = (name: string, value: unknown): [string, string][] => {
    if (Array.isArray(value)) return value.flatMap((element) => below(name, element));
    if (isObject(value)) return Object.entries(value).flatMap(([key, one]) => below(`${name}.${key}`, one));
    return value === undefined ? [] : [[name, textOf(value) ?? ""]];
  };
  return [...below("id", id), ...below("type", type), ...below("tenant", tenant), ...below("claims", claims)];
}

/** `undefined`: there is no such time. */
export function isWithinNaively(
  { from, to, days, timeZone }: NonNullable<RuleDocument["when"]>,
  now: number,
): boolean | undefined {
  if (!Number.isFinite(now)) return undefined;
  const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const local = new Date(now + offsetMs(timeZone ?? "UTC", now));
  const today = names[local.getUTCDay()] ?? "";
  const yesterday = names[(local.getUTCDay() + 6) % 7] ?? "";
  const isDay = (day: string) => days === undefined || (days as readonly string[]).includes(day);
  if ((from ?? to ?? "").length !== "HH:MM".length) {
    const starts = from === undefined || now >= Date.parse(from);
    const ends = to !== undefined && now >= Date.parse(to);
    return starts && !ends && isDay(today);
  }
  const clock = local.toISOString().slice(11, 16);
  if (from === undefined || to === undefined || from < to)
    return (from ?? "00:00") <= clock && clock < (to ?? "24:00") && isDay(today);
  return (clock >= from && isDay(today)) || (clock < to && isDay(yesterday));
}

function offsetMs(timeZone: string, now: number): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const offset = format.formatToParts(now).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(offset) ?? [];
  return sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

type Node = readonly [path: string, ...texts: string[]];

/** Every node of a JSON document with the texts of its value, none for a container; `undefined` for what is none. */
export function bodyNodesNaively(body: string | null | undefined): Node[] | undefined {
  if (body === undefined) return undefined;
  if (body === null || body === "") return [];
  const text = body.replace(/^\ufeff/, "");
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const tokens = text.match(/"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return nodesOf(tokens, "$");
}

/** Takes one value off the tokens. */
function nodesOf(tokens: string[], path: string): Node[] {
  const token = tokens.shift() ?? "";
  if (token !== "{" && token !== "[") {
    const value: unknown = JSON.parse(token);
    if (typeof value !== "number") return [[path, typeof value === "string" ? value : token]];
    const isInteger = /^-?[0-9]+$/.test(token) && token !== "-0";
    return [isInteger || !Number.isFinite(value) ? [path, token] : [path, token, `${value}`]];
  }
  const nodes: Node[] = [[path]];
  for (let index = 0; tokens[0] !== "}" && tokens[0] !== "]"; index++) {
    if (tokens[0] === ",") tokens.shift();
    if (token === "[") nodes.push(...nodesOf(tokens, `${path}[${index}]`));
    else {
      const name = JSON.parse(tokens.shift() ?? "") as string;
      tokens.shift();
      nodes.push(...nodesOf(tokens, `${path}.${name}`));
    }
  }
  tokens.shift();
  return nodes;
}
