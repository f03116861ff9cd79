// The obvious way to do what Sallyport does: what results are compared with, and what `decide` is timed against.

/**
 * Parses, walks with one native RegExp test a property, prints again.
 *
 * @param {Uint8Array} bytes
 * @param {RegExp} pattern tried on the path of every property
 */
export function naiveDestroy(bytes, pattern) {
  return Buffer.from(naiveDestroyText(bytes.toString(), pattern));
}

/** The same from text to text. */
export function naiveDestroyText(text, pattern) {
  return JSON.stringify(without(JSON.parse(text), "$", pattern));
}

function without(value, path, pattern) {
  if (Array.isArray(value)) return value.map((item, index) => without(item, `${path}[${index}]`, pattern));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key]) => !pattern.test(`${path}.${key}`));
  return Object.fromEntries(kept.map(([key, item]) => [key, without(item, `${path}.${key}`, pattern)]));
}

/** The rules of a policy document with their patterns compiled once, by id. */
export function naiveRules(rules) {
  return rules
    .map(({ id, effect, methods, path, headers = [] }) => ({
      id,
      effect,
      methods: methods && new Set(methods),
      path: path && new RegExp(path.pattern, path.flags),
      headers: headers.map(({ name, matchValue }) => ({
        name: new RegExp(name.pattern, name.flags),
        value: new RegExp(matchValue.pattern, matchValue.flags),
      })),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Tries every rule; a deny wins, and nothing is allowed that no rule allows. */
export function naiveDecide(rules, { method, path, headers }) {
  let allowing;
  for (const rule of rules) {
    if (rule.methods !== undefined && !rule.methods.has(method)) continue;
    if (rule.path !== undefined && !rule.path.test(path)) continue;
    if (!rule.headers.every((check) => hasHeader(headers, check))) continue;
    if (rule.effect === "deny") return { effect: "deny", ruleId: rule.id };
    allowing ??= rule.id;
  }
  return allowing === undefined
    ? { effect: "deny", ruleId: undefined }
    : { effect: "allow", ruleId: allowing };
}

function hasHeader(headers, { name, value }) {
  for (const [headerName, headerValue] of headers) {
    if (name.test(headerName) && value.test(headerValue)) return true;
  }
  return false;
}
