/** Filters a stream of JSON texts, one a line (docs/spec/policy.md, "Streams"). */
import { ByteBuffer } from "./byte-buffer.js";
import { DocumentSeries, type StreamLimits, type StreamReader, streamFilter } from "./document-series.js";
import type { FilterOptions, JsonFilter, Stage } from "./filter-json.js";
import { WithholdSignal } from "./json-scan.js";

const LF = 0x0a;
const CR = 0x0d;

/**
 * Begins a stream of JSON lines that comes in pieces: each line goes out when its end was read. Line ends and empty
 * lines stay as they are. Memory is bounded by one line.
 *
 * @param stages - in the order in which they run over each line, one on the output of the other
 */
export function createJsonLinesFilter(
  stages: readonly Stage[],
  options: FilterOptions & StreamLimits,
): JsonFilter {
  const documents = new DocumentSeries(stages, options);
  return streamFilter(new JsonLinesReader(documents, options.maxFilterBufferBytes), documents);
}

class JsonLinesReader implements StreamReader {
  readonly #documents: DocumentSeries;
  readonly #maxLineBytes: number;
  /** What earlier pieces had of the current line. */
  readonly #begun = new ByteBuffer();
  #number = 1;

  constructor(documents: DocumentSeries, maxLineBytes: number) {
    this.#documents = documents;
    this.#maxLineBytes = maxLineBytes;
  }

  read(piece: Uint8Array, out: ByteBuffer): void {
    let from = 0;
    for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, from)) {
      this.#endLine(piece.subarray(from, end), out);
      out.append(LINE_END);
      from = end + 1;
    }
    this.#begun.append(piece, from);
    this.#checkLength(this.#begun.length);
  }

  finish(out: ByteBuffer): void {
    this.#endLine(NOTHING, out);
  }

  #endLine(rest: Uint8Array, out: ByteBuffer): void {
    this.#checkLength(this.#begun.length + rest.length);
    let line = rest;
    if (this.#begun.length > 0) {
      this.#begun.append(rest);
      line = this.#begun.view();
    }
    out.append(isBlank(line) ? line : this.#filtered(line));
    this.#begun.clear();
    this.#number++;
  }

  #filtered(line: Uint8Array): Uint8Array {
    const place = `line ${this.#number}`;
    // White space to JSON, a line end to some readers: they would see other documents than were filtered.
    const cr = line.indexOf(CR);
    if (cr >= 0 && cr < line.length - 1)
      throw new WithholdSignal(`${place}: a carriage return stands within it`);
    return this.#documents.filter(line, place);
  }

  #checkLength(length: number): void {
    if (length <= this.#maxLineBytes) return;
    throw new WithholdSignal(`line ${this.#number}: it is longer than \`maxFilterBufferBytes\``);
  }
}

const LINE_END = Uint8Array.of(LF);
const NOTHING = new Uint8Array(0);

/** Whether a line has nothing before its end. */
function isBlank(line: Uint8Array): boolean {
  return line.length === 0 || (line.length === 1 && line[0] === CR);
}
