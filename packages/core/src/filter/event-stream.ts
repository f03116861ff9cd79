/**
 * Filters server-sent events (docs/spec/policy.md, "Streams"): the data of each event is one JSON document.
 *
 * What goes out is written anew from what was understood, so that no reader can find in it what was not filtered.
 */
import { toUtf8 } from "../bytes.js";
import { ByteBuffer } from "./byte-buffer.js";
import { DocumentSeries, type StreamLimits, type StreamReader, streamFilter } from "./document-series.js";
import type { FilterOptions, JsonFilter, Stage } from "./filter-json.js";
import { WithholdSignal } from "./json-scan.js";

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;

/** Values of fields other than the data that pass: they are not filtered, so they cannot say much. */
const PLAIN_VALUE = /^[A-Za-z0-9_.:-]{0,256}$/;
const PASSING_FIELDS: ReadonlyMap<string, RegExp> = new Map([
  ["event", PLAIN_VALUE],
  ["id", PLAIN_VALUE],
  ["retry", /^[0-9]{1,256}$/],
]);
const MAX_NAME_BYTES = 5;
const MAX_VALUE_BYTES = 256;

/**
 * Begins an event stream that comes in pieces: each event goes out when its blank line was read, each comment at the end
 * of its line. Memory is bounded by one event.
 *
 * @param stages - in the order in which they run over each event's data, one on the output of the other
 */
export function createEventStreamFilter(
  stages: readonly Stage[],
  options: FilterOptions & StreamLimits,
): JsonFilter {
  const documents = new DocumentSeries(stages, options);
  return streamFilter(new EventStreamReader(documents, options.maxFilterBufferBytes), documents);
}

class EventStreamReader implements StreamReader {
  readonly #documents: DocumentSeries;
  readonly #maxEventBytes: number;
  /** What earlier pieces had of the current line; of a comment, how it begins. */
  readonly #begun = new ByteBuffer();
  /** The last piece ended in a CR: an LF now belongs to it. */
  #isAfterCr = false;
  #isFirstLine = true;

  // The current event.
  readonly #data = new ByteBuffer();
  #hasData = false;
  /** Lines of the other fields as they go out, and where among them the data stands. */
  readonly #fields = new ByteBuffer();
  #dataAt = 0;
  /** Bytes of its lines, without their ends and without comments. */
  #size = 0;
  /** Counts events with data. */
  #number = 1;

  constructor(documents: DocumentSeries, maxEventBytes: number) {
    this.#documents = documents;
    this.#maxEventBytes = maxEventBytes;
  }

  read(piece: Uint8Array, out: ByteBuffer): void {
    const n = piece.length;
    if (n === 0) return;
    let from = this.#isAfterCr && piece[0] === LF ? 1 : 0;
    this.#isAfterCr = false;
    for (let p = from; p < n; p++) {
      const c = piece[p];
      if (c !== LF && c !== CR) continue;
      this.#endLine(piece.subarray(from, p), out);
      if (c === CR && p + 1 === n) this.#isAfterCr = true;
      if (c === CR && piece[p + 1] === LF) p++;
      from = p + 1;
    }
    this.#keep(piece.subarray(from));
  }

  /** What comes without its end goes out without it: whether that counts is for the reader to say. */
  finish(out: ByteBuffer): void {
    const last = this.#withoutMark(this.#begun.view());
    const isComment = last[0] === COLON;
    const isCut = !isComment && this.#takeField(last);
    this.#endEvent(out);
    if (isComment) out.append(COLON_ONLY);
    if (isCut) out.truncate(out.length - 1);
  }

  #keep(rest: Uint8Array): void {
    this.#begun.append(rest);
    const line = this.#begun.view();
    const text = this.#withoutMark(line);
    if (text[0] === COLON) this.#begun.truncate(line.length - text.length + 1);
    else this.#checkSize(text.length);
  }

  #endLine(rest: Uint8Array, out: ByteBuffer): void {
    let line = rest;
    if (this.#begun.length > 0) {
      this.#begun.append(rest);
      line = this.#begun.view();
    }
    line = this.#withoutMark(line);
    this.#isFirstLine = false;
    if (line.length === 0) {
      this.#endEvent(out);
      out.append(LINE_END);
    } else if (line[0] === COLON) {
      out.append(COMMENT);
    } else {
      this.#takeField(line);
    }
    this.#begun.clear();
  }

  /** @returns whether anything of it goes out */
  #takeField(line: Uint8Array): boolean {
    this.#checkSize(line.length);
    this.#size += line.length;
    const colon = line.indexOf(COLON);
    const nameEnd = colon < 0 ? line.length : colon;
    if (nameEnd > MAX_NAME_BYTES) return false;
    const valueFrom = colon < 0 ? line.length : colon + (line[colon + 1] === SPACE ? 2 : 1);
    if (nameEnd === 4 && startsWith(line, DATA_NAME)) {
      this.#takeData(line, valueFrom);
      return true;
    }
    const name = asciiOf(line.subarray(0, nameEnd));
    const allowed = PASSING_FIELDS.get(name);
    if (allowed === undefined || line.length - valueFrom > MAX_VALUE_BYTES) return false;
    const value = asciiOf(line.subarray(valueFrom));
    if (!allowed.test(value)) return false;
    this.#fields.append(toUtf8(`${name}: ${value}\n`));
    return true;
  }

  #takeData(line: Uint8Array, from: number): void {
    if (this.#hasData) this.#data.append(LINE_END);
    else this.#dataAt = this.#fields.length;
    this.#hasData = true;
    this.#data.append(line, from);
  }

  #endEvent(out: ByteBuffer): void {
    const fields = this.#fields.view();
    if (this.#hasData) {
      const data = this.#filtered(this.#data.view());
      out.append(fields, 0, this.#dataAt);
      appendData(data, out);
      out.append(fields, this.#dataAt);
      this.#number++;
    } else {
      out.append(fields);
    }
    this.#data.clear();
    this.#fields.clear();
    this.#hasData = false;
    this.#size = 0;
  }

  #filtered(data: Uint8Array): Uint8Array {
    if (data.length === 0 || isDone(data)) return data;
    return this.#documents.filter(data, `event ${this.#number}`);
  }

  #checkSize(length: number): void {
    if (this.#size + length <= this.#maxEventBytes) return;
    throw new WithholdSignal(`event ${this.#number}: it is longer than \`maxFilterBufferBytes\``);
  }

  /** A byte-order mark at the start of the stream is no part of it. */
  #withoutMark(line: Uint8Array): Uint8Array {
    const isMark = this.#isFirstLine && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
    return isMark ? line.subarray(3) : line;
  }
}

const LINE_END = Uint8Array.of(LF);
const COMMENT = Uint8Array.of(COLON, LF);
const COLON_ONLY = Uint8Array.of(COLON);
const DATA_NAME = toUtf8("data");
const DATA = toUtf8("data: ");
const DONE = toUtf8("[DONE]");

/** A line of data for each line of the text. */
function appendData(data: Uint8Array, out: ByteBuffer): void {
  let from = 0;
  for (let end = data.indexOf(LF); end >= 0; end = data.indexOf(LF, from)) {
    out.append(DATA);
    out.append(data, from, end + 1);
    from = end + 1;
  }
  out.append(DATA);
  out.append(data, from);
  out.append(LINE_END);
}

/** What ends the streams of many APIs in place of a last document. */
function isDone(data: Uint8Array): boolean {
  return data.length === DONE.length && startsWith(data, DONE);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let index = 0; index < start.length; index++) if (bytes[index] !== start[index]) return false;
  return true;
}

function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
