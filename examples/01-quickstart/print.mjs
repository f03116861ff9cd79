import { diffLeaves } from "./diff.mjs";

const WIDTH = 100;
const COLOURED = process.stdout.isTTY === true && !process.env.NO_COLOR;
const SCOPES = {
  targetCredential: "target credential",
  target: "target",
  proxyCredential: "proxy credential",
  proxy: "proxy",
};

const paint = (code) => (text) => (COLOURED ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, red, green, cyan] = [1, 2, 31, 32, 36].map(paint);

export function printHeading(baseUrl, sealed) {
  line("Sallyport quickstart", bold);
  line(`GitHub's SDK, through a guarded fetch, to recorded GitHub responses on ${baseUrl}`);
  line(`The policy holds the token sealed: ${shorten(sealed, 44)}`);
}

/** One call: what was asked, what each of the four scopes said, and what the filter took out of the response. */
export function printCall(number, { ask, outcome, arrived }, record) {
  const allowed = outcome.effect === "allow";
  line();
  line(`${number}  ${ask[0]}`, bold);
  if (allowed) row("allowed", `${outcome.status}, the token injected on the way out`, green);
  else row("denied", outcome.reason, red);
  for (const [scope, label] of Object.entries(SCOPES)) row(label, scopeText(record, scope));
  row(
    "server saw",
    arrived.length === 0 ? "nothing: the call never left" : "1 request, with the right token",
  );
  if (allowed) printDiff(arrived[0].sent, outcome.data);
}

/** What the log holds of one call, a line a fact. */
export function printRecord(number, record) {
  const { time, tenant, target, http, policy, filters, outcome, timings, sanitization } = record;
  line();
  line(`The record of call ${number}`, bold);
  row("id", record.id);
  row("time", `${time.start}, took ${(timings.totalUs / 1000).toFixed(1)} ms`);
  row("client, proxy", `${tenant.clientId}, ${tenant.proxyId}`);
  row("target", `${target.id}, with credential ${target.credentialId}`);
  row("request", `${http.method} ${http.url.path ?? http.url.template}`);
  row("response", `${http.status}, ${http.response.bodyBytes} bytes`);
  row("decision", policy.decision);
  for (const [scope, label] of Object.entries(SCOPES)) row(label, scopeText(record, scope));
  row("policy", `sha256 ${policy.bundle.sha256}`);
  for (const { filterId, effect, nodes, paths } of filters) {
    row("filter", `${filterId}: ${effect}, ${nodes} nodes`);
    for (const path of paths) row("", path);
  }
  for (const { pointer, action, class: kind } of sanitization)
    row("sanitised", `${pointer}: ${action} (${kind})`);
  row("outcome", outcome.result);
}

export function printSummary(calls, seen, records) {
  const allowed = calls.filter(({ outcome }) => outcome.effect === "allow").length;
  line();
  line(
    `${calls.length} calls: ${allowed} allowed, ${calls.length - allowed} denied; ${seen} reached the server; ${records} on the record.`,
    bold,
  );
}

/** The destroyed values, each between its neighbours; what lies further off is passed over. */
function printDiff(before, after) {
  const diff = diffLeaves(before, after);
  const gone = diff.filter(({ kept }) => !kept).length;
  row("response", `the server sent ${diff.length} values, the caller got ${diff.length - gone}:`);
  const shown = diff.map((_, index) =>
    diff.slice(Math.max(0, index - 1), index + 2).some(({ kept }) => !kept),
  );
  const width = Math.max(...diff.filter((_, index) => shown[index]).map(({ path }) => path.length));
  diff.forEach(({ path, value, kept }, index) => {
    if (shown[index])
      line(
        `   ${kept ? " " : "-"} ${path.padEnd(width)}  ${shorten(JSON.stringify(value), 36)}`,
        kept ? dim : red,
      );
    else if (shown[index - 1]) line("     ⋮", dim);
  });
}

function scopeText({ policy }, name) {
  const found = policy.scopes.find(({ scope }) => scope === name);
  if (!found) return "none in force";
  return `${found.id}: ${found.effect}, by ${found.ruleId ? `rule ${found.ruleId}` : "default"}`;
}

function shorten(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 2)}…${text.at(-1) === '"' ? '"' : ""}`;
}

function row(label, text, style = cyan) {
  const room = WIDTH - 22;
  console.log(`   ${style(label.padEnd(19))}${shorten(text, room)}`);
}

function line(text = "", style = (plain) => plain) {
  console.log(style(shorten(text, WIDTH)));
}
