/** What the tests of the documentation need to know of Markdown: headings, tables, links and code blocks. */

export interface CodeBlock {
  /** First word after the fence: `ts`, `sh`, `text`; empty when there is none. */
  readonly language: string;
  /** The rest of that line. */
  readonly note: string;
  readonly text: string;
  /** Line of the page, from 1, on which `text` begins. */
  readonly line: number;
  /** The last line with anything on it before the fence. */
  readonly before: string;
}

/** Fenced code blocks, in order. Fences begin at the left margin. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = page.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const opening = /^```(\S*)\s*(.*)$/.exec(lines[index] ?? "");
    if (opening === null) continue;
    const end = lines.indexOf("```", index + 1);
    if (end < 0) throw new Error(`the code block at line ${index + 1} is not closed`);
    blocks.push({
      language: opening[1] ?? "",
      note: opening[2] ?? "",
      text: lines.slice(index + 1, end).join("\n"),
      line: index + 2,
      before: lines.slice(0, index).findLast((line) => line.trim() !== "") ?? "",
    });
    index = end;
  }
  return blocks;
}

export interface Heading {
  readonly level: number;
  /** Without backticks. */
  readonly text: string;
  /** The anchor that GitHub gives it. */
  readonly anchor: string;
}

export function headings(page: string): Heading[] {
  const seen = new Map<string, number>();
  return withoutCode(page)
    .split("\n")
    .flatMap((line) => {
      const found = /^(#{1,6}) (.+)$/.exec(line);
      if (found === null) return [];
      const text = (found[2] ?? "").replaceAll("`", "").trim();
      const slug = slugOf(text);
      const earlier = seen.get(slug) ?? 0;
      seen.set(slug, earlier + 1);
      return [{ level: (found[1] ?? "").length, text, anchor: earlier === 0 ? slug : `${slug}-${earlier}` }];
    });
}

/** What stands under a heading, up to the next one of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = page.split("\n");
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ /, "").replaceAll("`", "") === heading,
  );
  if (start < 0) throw new Error(`the page has no section "${heading}"`);
  const level = /^#+/.exec(lines[start] ?? "")?.[0].length ?? 0;
  const length = lines.slice(start + 1).findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join("\n");
}

/** The tables of a text, each a list of rows of cells, the heading row first. */
export function tables(text: string): string[][][] {
  const found: string[][][] = [];
  let open: string[][] | undefined;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = [];
      found.push(open);
    }
    if (!/^[|\s:-]+$/.test(line)) open.push(cellsOf(line));
  }
  return found;
}

/** Targets of links and images, autolinks left out. */
export function links(page: string): string[] {
  return [
    ...withoutCode(page)
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^()\s]+)\)/g),
  ].map(([, target = ""]) => target);
}

/** Text of the first `code` span in a cell. */
export function codeIn(cell: string): string | undefined {
  return /`([^`]*)`/.exec(cell)?.[1];
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll("\\|", "|").trim());
}

function withoutCode(page: string): string {
  return page.replace(/^```[^\n]*\n(?:.*\n)*?```$/gm, "");
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
}
