import { compilePattern, createJsonFilter, filterJson } from "@sallyport/core";
import { CANARY } from "./cases.mjs";

const LIMITS = { maxJsonDepth: 512, maxScalarBytes: 1024 * 1024 };
/** Limits that documents of this size meet: then only the way of coming in must make no difference. */
const LOW_LIMITS = { maxJsonDepth: 4, maxScalarBytes: 40 };

const hash = (bytes) => `h1:${bytes.length}`;

/**
 * Runs a case.
 *
 * @param {import("./cases.mjs").Case} given
 * @returns {{ wrong?: string, isAccepted: boolean }} `wrong` says what should not be
 */
export function check({ bytes, stages, lengths }) {
  const engineStages = stages.map(stageOf);
  const whole = filterJson(bytes, engineStages, { ...LIMITS, hash });
  const wrong =
    wrongVerdict(bytes, stages, whole) ??
    wrongOutput(bytes, stages, whole) ??
    wrongPieces(bytes, engineStages, lengths, LIMITS) ??
    wrongPieces(bytes, engineStages, lengths, LOW_LIMITS);
  return { wrong, isAccepted: whole.ok };
}

function stageOf(operations) {
  const place = { filterId: "f", entityId: "p", operationId: "o", values: new Map() };
  return {
    scope: "proxy",
    operations: operations.map(({ effect, path, flags, matchValue, mask }) => ({
      effect,
      pattern: compilePattern({ pattern: path, flags }),
      matchValue: matchValue === undefined ? undefined : compilePattern(matchValue),
      mask,
      ...place,
    })),
  };
}

/** What JSON.parse accepts passes, and nothing else; but nothing can be retained of a scalar. */
function wrongVerdict(bytes, stages, whole) {
  const text = textOf(bytes);
  const isJson = text !== undefined && isParsed(text);
  if (whole.ok && !isJson) return "what is not JSON was let through";
  if (whole.ok || !isJson) return undefined;
  const isScalar = !/^[ \t\r\n]*[[{]/.test(text);
  const retains = stages.some((stage) => stage.some(({ effect }) => effect === "retain"));
  return isScalar && retains ? undefined : `JSON was withheld: ${whole.reason}`;
}

function wrongOutput(bytes, stages, whole) {
  if (!whole.ok) return undefined;
  const left = textOf(whole.bytes);
  if (left === undefined || !isParsed(left)) return "what came out is not JSON";
  const { hidden, visible } = canariesOf(textOf(bytes), stages);
  for (const canary of hidden) {
    if (!visible.has(canary) && left.includes(canary))
      return `a value came through that was to go: ${canary}`;
  }
  return undefined;
}

/** The same bytes, in pieces that are overwritten as soon as they were handed in. */
function wrongPieces(bytes, stages, lengths, limits) {
  const options = { ...limits, hash };
  const whole = filterJson(bytes, stages, options);
  const filter = createJsonFilter(stages, options);
  const out = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = Math.max(lengths[turn % lengths.length], turn % lengths.length === 0 ? 1 : 0);
    const piece = Uint8Array.from(bytes.subarray(at, at + length));
    const written = filter.write(piece);
    if (written.ok) out.push(Buffer.from(written.bytes));
    piece.fill(0x22);
    at += length;
  }
  const ended = filter.end();
  if (ended.ok !== whole.ok)
    return `in pieces it is ${ended.ok ? "let through" : `withheld: ${ended.reason}`}`;
  if (!ended.ok) return undefined;
  if (!Buffer.concat(out).equals(whole.bytes)) return "in pieces it comes out differently";
  return JSON.stringify(ended.receipts) === JSON.stringify(whole.receipts)
    ? undefined
    : "in pieces its receipts differ";
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Without a byte-order mark; `undefined` for what is not UTF-8. */
function textOf(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function isParsed(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The canaries in values that some stage hides, and those that may be seen, in names or in values. */
function canariesOf(text, stages) {
  const compiled = stages.map((stage) =>
    stage.map(({ effect, path, flags, matchValue }) => ({
      effect,
      path: new RegExp(path, flags),
      value: matchValue === undefined ? undefined : new RegExp(matchValue),
    })),
  );
  const hidden = new Set();
  const visible = new Set();
  for (const { paths, raw } of scalarsOf(text)) {
    const value = raw.startsWith('"') ? JSON.parse(raw) : raw;
    const isHidden = compiled.some((stage) => isHiddenBy(stage, paths, value));
    for (const [canary] of raw.matchAll(CANARY)) (isHidden ? hidden : visible).add(canary);
    for (const [canary] of (paths.at(-1) ?? "").matchAll(CANARY)) visible.add(canary);
  }
  // Names above empty containers are in no path of a scalar.
  for (const [, name] of text.matchAll(/"((?:\\.|[^"\\])*)"\s*:/g)) {
    for (const [canary] of name.matchAll(CANARY)) visible.add(canary);
  }
  return { hidden, visible };
}

/** @param {string[]} paths of the scalar, last, and of the containers around it, the root left out */
function isHiddenBy(stage, paths, value) {
  const hides = ({ effect, path, value: condition }) =>
    effect !== "retain" &&
    (condition === undefined
      ? paths.some((one) => path.test(one))
      : paths.length > 0 && path.test(paths.at(-1)) && condition.test(value));
  const retains = stage.filter(({ effect }) => effect === "retain");
  const isRetained = retains.length === 0 || retains.some(({ path }) => paths.some((one) => path.test(one)));
  return !isRetained || stage.some(hides);
}

/** Every scalar of a text that is known to be JSON, with the paths that lead to it. */
function* scalarsOf(text) {
  const around = [];
  let path = "$";
  let paths = [];
  let name;
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\])*"|[[\]{}:,]|[^\s"[\]{}:,]+/g)) {
    const parent = around.at(-1);
    if (token === "," || token === ":") continue;
    if (token === "}" || token === "]") {
      ({ path, paths } = around.pop());
      continue;
    }
    if (parent?.isObject && name === undefined) {
      name = JSON.parse(token);
      continue;
    }
    const own =
      parent === undefined ? path : parent.isObject ? `${path}.${name}` : `${path}[${parent.index++}]`;
    const ownPaths = parent === undefined ? paths : [...paths, own];
    name = undefined;
    if (token === "{" || token === "[") {
      around.push({ isObject: token === "{", index: 0, path, paths });
      path = own;
      paths = ownPaths;
    } else {
      yield { paths: ownPaths, raw: token };
    }
  }
}
