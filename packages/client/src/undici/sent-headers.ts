/** The headers of a request as `fetch` sends them (Fetch standard, "HTTP-network-or-cache fetch"). */
import type { HeaderList } from "../headers/header-list.js";
import { headerListOf } from "../headers/light-headers.js";
import type { TransportRequest } from "../transport.js";

/** With one of these the caller looks after caching itself. */
const CONDITIONAL_HEADERS = [
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "if-match",
  "if-range",
];

/** Names and values in turn: those of the request, and what `fetch` adds where the caller did not. */
export function sentHeaders({ url, headers: given, extras }: TransportRequest): string[] {
  const headers = headerListOf(given);
  const sent = headers.flat.slice();
  const add = (name: string, value: string) => {
    if (!headers.has(name)) sent.push(name, value);
  };
  add("accept", "*/*");
  add("accept-language", "*");
  add("sec-fetch-mode", String(extras.mode ?? "cors"));
  add("user-agent", "node");
  const cache = cacheMode(headers, extras);
  if (cache === "no-cache") add("cache-control", "max-age=0");
  if (cache === "no-store" || cache === "reload") {
    add("pragma", "no-cache");
    add("cache-control", "no-cache");
  }
  // The platform appends it to what the caller gave: a part of a coded body could not be decoded.
  if (headers.has("range")) sent.push("accept-encoding", "identity");
  else add("accept-encoding", url.startsWith("https:") ? "br, gzip, deflate" : "gzip, deflate");
  return sent;
}

function cacheMode(headers: HeaderList, { cache = "default" }: TransportRequest["extras"]): unknown {
  const isConditional = CONDITIONAL_HEADERS.some((name) => headers.has(name));
  return cache === "default" && isConditional ? "no-store" : cache;
}
