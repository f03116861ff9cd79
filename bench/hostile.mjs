// Bodies as an upstream would send them to slow the filter down: about half of them are withheld.
import { listDocument, randomFrom } from "./documents.mjs";

/**
 * So many bodies: a quarter cut off, a quarter deep, a quarter with huge keys, a quarter full of escapes.
 *
 * @param {number} count
 * @returns {Generator<Buffer>}
 */
export function* hostileBodies(count) {
  const random = randomFrom(9);
  const upTo = (below) => Math.floor(random() * below);
  const documents = Array.from({ length: 8 }, (_, seed) =>
    listDocument({ bytes: 10 * 1024, isDirty: seed % 2 === 0, seed }),
  );
  const kinds = [() => truncated(documents[upTo(8)], upTo), deep, hugeKey, escaped];
  for (let index = 0; index < count; index++) yield kinds[index % kinds.length](upTo);
}

/** Cut anywhere: in a key, in an escape, in the middle of a character. */
function truncated(document, upTo) {
  return Buffer.from(document.subarray(0, upTo(document.length)));
}

/** Nested to about the limit of 512 and well above it, closed or not. */
function deep(upTo) {
  const depth = 1 + upTo(1200);
  const isClosed = upTo(2) === 0;
  const inArrays = `${"[".repeat(depth)}1${isClosed ? "]".repeat(depth) : ""}`;
  const inObjects = `${'{"a":'.repeat(depth)}1${isClosed ? "}".repeat(depth) : ""}`;
  return Buffer.from(upTo(2) === 0 ? inArrays : inObjects);
}

const LARGEST_KEY = 32 * 1024;

/** Up to 32 KiB, of one, two or four bytes a character; now and then one above the limit of 1 MiB. */
function hugeKey(upTo) {
  const letter = ["k", "é", "🔑"][upTo(3)];
  const length = upTo(200) === 0 ? 2 ** 20 + 8 : 1 + upTo(LARGEST_KEY);
  return Buffer.from(`{"data":{"${letter.repeat(length / Buffer.byteLength(letter))}":1,"b":[true]}}`);
}

const ESCAPES = ['\\"', "\\\\", "\\/", "\\n", "\\u0070", "\\ud83d\\udd11", "\\ud83d", "\\u00e9"];
const BROKEN_ESCAPES = ["\\x", "\\u00g0", "\\u12", "\\"];

/** Keys and values of nothing but escapes, one in two with a broken one. */
function escaped(upTo) {
  const some = () => Array.from({ length: 1 + upTo(200) }, () => ESCAPES[upTo(ESCAPES.length)]).join("");
  const broken = upTo(2) === 0 ? BROKEN_ESCAPES[upTo(BROKEN_ESCAPES.length)] : "";
  const members = Array.from({ length: 1 + upTo(20) }, () => `"${some()}":"${some()}"`);
  return Buffer.from(`{"p\\u0061ssword":"${some()}",${members.join(",")},"x${broken}":1}`);
}
