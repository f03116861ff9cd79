/** Private keys in PEM (RFC 7468 section 10, RFC 4880 section 6.2), with whatever headers they have. */
import type { Detector } from "./detector.js";
import { nextSpan, type Span } from "./span.js";
import { textNeeds } from "./text-traits.js";

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END [A-Z0-9 ]{0,80}(?:-----)?/g;

const DASHES = "-----".length;

/** From the line that begins the key to the next line that ends anything; one that was cut off reaches to the end. */
export const privateKey: Detector<"private-key"> = {
  name: "private-key",
  class: "secret",
  needs: textNeeds("-----BEGIN PRIVATE KEY-----".length, 0, "-"),
  find: findPrivateKeys,
};

function findPrivateKeys(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (let begin = nextSpan(BEGIN, text, 0); begin !== undefined; ) {
    const end = nextSpan(END, text, begin.end)?.end ?? text.length;
    spans.push({ start: begin.start, end });
    // The dashes that end one key may begin the next.
    begin = nextSpan(BEGIN, text, end - DASHES);
  }
  return spans;
}
