/** The parts of a URL (URL standard). Those of plain ones below an origin of late are read off their text. */
import { ownText } from "../bytes.js";

export interface ParsedUrl {
  /** `http://host[:port]` as the parser writes it; `null` as a text for a scheme that has none. */
  readonly origin: string;
  /** With its colon. */
  readonly protocol: string;
  readonly hostname: string;
  /** Empty for the scheme's own. */
  readonly port: string;
  readonly hasCredentials: boolean;
  readonly pathname: string;
  /** With its `?`; empty when there is none, or nothing behind it. */
  readonly search: string;
  readonly href: string;
}

/** @returns `undefined` when it cannot be parsed as an absolute URL */
export function parsedUrl(input: string | URL): ParsedUrl | undefined {
  return (typeof input === "string" ? readOff(input) : undefined) ?? parsed(input);
}

/** What stands in the text itself, as the parser has read it before. */
type Origin = Pick<ParsedUrl, "origin" | "protocol" | "hostname" | "port">;

const MAX_KNOWN = 64;

/** No name of a host that can be asked for is as long. */
const MAX_ORIGIN_CHARACTERS = 300;

/** Beyond, the parser is as fast. */
const MAX_READ_OFF_CHARACTERS = 4096;

const known = new Map<string, Origin>();

/** The one that was asked for last: mostly it is at once asked for again. */
let last: Origin | undefined;

function knownOrigin(href: string): Origin | undefined {
  if (last !== undefined && href.startsWith(last.origin) && href[last.origin.length] === "/") return last;
  const end = href.indexOf("/", "https://".length);
  return end === -1 ? undefined : known.get(href.slice(0, end));
}

function keepOrigin({ origin, protocol, hostname, port }: Origin): void {
  if (origin.length > MAX_ORIGIN_CHARACTERS) return;
  if (known.size >= MAX_KNOWN) known.clear();
  // What they were read off may have a secret in its query.
  const own = {
    origin: ownText(origin),
    protocol: ownText(protocol),
    hostname: ownText(hostname),
    port: ownText(port),
  };
  known.set(own.origin, own);
}

/**
 * Behind an origin, what the parser takes as it is: no segment is empty or begins with a dot, and nothing is encoded or
 * to be encoded.
 */
const PLAIN_REST = /^((?:\/[\w~-][\w.~-]*)+\/?|\/)(\?[\w.~=&-]+)?$/;

function readOff(href: string): ParsedUrl | undefined {
  if (href.length > MAX_READ_OFF_CHARACTERS) return undefined;
  const of = knownOrigin(href);
  const rest = of && PLAIN_REST.exec(href.slice(of.origin.length));
  if (of === undefined || !rest) return undefined;
  last = of;
  const { origin, protocol, hostname, port } = of;
  const [, pathname = "", search = ""] = rest;
  return { origin, protocol, hostname, port, hasCredentials: false, pathname, search, href };
}

function parsed(input: string | URL): ParsedUrl | undefined {
  let url: URL;
  try {
    url = new URL(input);
  } catch {
    return undefined;
  }
  const { origin, protocol, hostname, port, username, password, pathname, search, href } = url;
  const hasCredentials = username !== "" || password !== "";
  const isWeb = protocol === "http:" || protocol === "https:";
  if (isWeb && typeof input === "string" && input.startsWith(`${origin}/`))
    keepOrigin({ origin, protocol, hostname, port });
  return { origin, protocol, hostname, port, hasCredentials, pathname, search, href };
}
