import { describe, expect, it } from "vitest";
import { compilePattern } from "../pattern/pattern.js";
import { canMatch } from "./reachable-paths.js";

const reaches = (pattern: string) =>
  canMatch({ effect: "destroy", pattern: compilePattern(pattern), values: new Map() });

describe("an operation", () => {
  it.each([
    "\\.ssn$",
    "^\\$\\.a\\[\\d+\\]\\.b$",
    "\\[10\\]\\[2\\]$",
    "^\\$\\[0\\]$",
    "^\\$\\.$",
    "\\.\\.",
    "a.b",
    "é",
    "\\.[^a]$",
    "^\\$\\[\\d{3}\\]\\.x",
    ".",
    "",
  ])("with the pattern `%s` matches some document's node", (pattern) => {
    expect(reaches(pattern)).toBe(true);
  });

  it.each([
    ...["^ssn$", "^\\.ssn", "ssn$a", "^\\$$", "^\\$a", "a^"],
    ...["^\\$\\[\\]$", "^\\$\\[a\\]$", "^\\$\\[0\\]a"],
  ])("with the pattern `%s` matches none", (pattern) => {
    expect(reaches(pattern)).toBe(false);
  });

  it.each(["^\\$\\..*a.{14}b[^\\x00-\\uffff]$a", "^\\$\\[\\d*1\\d{14}x"])(
    "of which that would take too long to find out is left alone: %s",
    (pattern) => {
      expect(reaches(pattern)).toBeUndefined();
    },
  );
});
