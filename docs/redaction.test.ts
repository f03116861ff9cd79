/** The tables of docs/spec/record.md, "Redaction", say what the detectors do. */
import { expect, it } from "vitest";
import { KEY_FORMS } from "../packages/core/src/redaction/api-key.js";
import { asciiSet } from "../packages/core/src/redaction/ascii.js";
import { DETECTORS } from "../packages/core/src/redaction/detectors.js";
import { IBAN_LENGTHS } from "../packages/core/src/redaction/iban.js";
import { isIssued } from "../packages/core/src/redaction/payment-card.js";
import { SECRET_PARAMETERS } from "../packages/core/src/redaction/redact-query.js";
import { codeIn, section, tables } from "./markdown.js";
import { readPage } from "./pages.js";

const { text } = readPage("docs/spec/record.md");
const rowsOf = (heading: string) => tables(section(text, heading))[0]?.slice(1) ?? [];

it("the detectors have their names and classes, in their order", () => {
  expect(rowsOf("Detectors").map(([name = "", as = ""]) => [codeIn(name), codeIn(as)])).toEqual(
    DETECTORS.map((detector) => [detector.name, detector.class]),
  );
});

it("the prefixes of keys have the rest that follows them", () => {
  const documented = rowsOf("Known prefixes").map(([prefixes = "", rest = "", least = ""]) => ({
    prefixes: prefixes.split(" ").map(codeIn),
    rest: asciiSet(new RegExp(`[${codeIn(rest)}]`)),
    minCharacters: Number.parseInt(least, 10),
    ...(least.endsWith("exactly, and free") && { isExact: true }),
    ...(least.endsWith("with a digit among them") && { hasDigit: true }),
  }));
  expect(documented).toEqual(KEY_FORMS);
});

it("the networks of cards issue numbers of these lengths, and no others do", () => {
  const documented = new Set(
    rowsOf("Networks").flatMap(([first = "", lengths = ""]) =>
      first
        .split(", ")
        .flatMap((range) => numbersIn(range, 4))
        .flatMap((network) =>
          lengths
            .split(", ")
            .flatMap((range) => numbersIn(range, 2))
            .map((length) => `${network} ${length}`),
        ),
    ),
  );
  const issued = Array.from({ length: 10_000 }, (_, network) => String(network).padStart(4, "0")).flatMap(
    (network) =>
      Array.from({ length: 30 }, (_, length) => length)
        .filter((length) => length >= 4 && isIssued(network.padEnd(length, "0")))
        .map((length) => `${Number(network)} ${length}`),
  );
  expect([...documented].sort()).toEqual(issued.sort());
});

it("the accounts of each country have these lengths", () => {
  const documented = rowsOf("Lengths of IBAN").flatMap(([length = "", countries = ""]) =>
    countries.split(" ").map((country) => [country, Number(length)] as const),
  );
  expect(new Map(documented)).toEqual(IBAN_LENGTHS);
});

it("these parameters are secrets by convention", () => {
  const [, list = ""] =
    /with the class `secret`, that of([^.]+), whatever their case/.exec(section(text, "Queries")) ?? [];
  const documented = [...list.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name.toLowerCase());
  expect(new Set(documented)).toEqual(SECRET_PARAMETERS);
  expect(documented).toHaveLength(SECRET_PARAMETERS.size);
});

/** `36` with four digits: 3600 to 3699. `38–39`: 3800 to 3999. */
function numbersIn(range: string, digits: number): number[] {
  const [from = "", to = from] = range.split("–");
  const [low, high] = [Number(from.padEnd(digits, "0")), Number(to.padEnd(digits, "9"))];
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
