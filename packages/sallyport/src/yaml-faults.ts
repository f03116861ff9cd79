/** What is wrong with a YAML text, in words of ours: the parser's quote it. */
import type { Document, ErrorCode } from "yaml";

export interface YamlFault {
  readonly message: string;
  readonly offset: number;
}

/** The first of all faults; what the parser only warns of is one too. */
export function faultIn(
  { errors, warnings, directives }: Document.Parsed,
  text: string,
): YamlFault | undefined {
  const [first] = [...errors, ...warnings]
    .filter(({ code }) => code !== "TAG_RESOLVE_FAILED")
    .toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined)
    return { message: SENTENCES[first.code] ?? "something is out of place", offset: first.pos[0] };
  const { explicit, version } = directives.yaml;
  if (!explicit || version === "1.2") return undefined;
  return { message: "expected YAML 1.2", offset: Math.max(text.search(/^%YAML/m), 0) };
}

const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DIRECTIVE: "a directive that is not `%YAML 1.2`",
  BAD_DQ_ESCAPE: "an unknown escape in double quotes",
  BAD_INDENT: "the indentation is wrong, or a bracket is not closed",
  BAD_SCALAR_START: "a text that begins with this character has quotes",
  BLOCK_AS_IMPLICIT_KEY: "a second `:` in one line: put the text in quotes",
  BLOCK_IN_FLOW: "a block cannot stand within brackets",
  KEY_OVER_1024_CHARS: "a name is longer than 1024 characters",
  MISSING_CHAR: "a quote, bracket, comma, colon or space is missing",
  MULTILINE_IMPLICIT_KEY: "a name goes over more than one line: a colon may be missing",
  MULTIPLE_DOCS: "more than one document",
  RESOURCE_EXHAUSTION: "it is nested too deeply",
  TAB_AS_INDENT: "a tab in the indentation: use spaces",
};
