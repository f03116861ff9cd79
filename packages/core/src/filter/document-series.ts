/** What event streams and lines of JSON share: one document after the other, each filtered by itself. */
import { ByteBuffer } from "./byte-buffer.js";
import {
  type FilterOptions,
  type FilterPiece,
  filterJson,
  type JsonFilter,
  MAX_RECEIPT_PATHS,
  type Receipt,
  receiptOf,
  type Stage,
} from "./filter-json.js";
import { WithholdSignal } from "./json-scan.js";

export interface StreamLimits {
  /** Bytes of one event or line. */
  readonly maxFilterBufferBytes: number;
}

/** The stages over the documents of one stream, and what they did to all of them. */
export class DocumentSeries {
  readonly #stages: readonly Stage[];
  readonly #options: FilterOptions;
  readonly #sums: { nodes: number; readonly paths: string[] }[];

  constructor(stages: readonly Stage[], options: FilterOptions) {
    this.#stages = stages;
    this.#options = options;
    this.#sums = stages.flatMap(({ operations }) => operations.map(() => ({ nodes: 0, paths: [] })));
  }

  /**
   * @param place - where the document is, for the reason: `line 3`
   * @returns what is left of it, perhaps a part of its memory
   * @throws WithholdSignal when it must not go on
   */
  filter(document: Uint8Array, place: string): Uint8Array {
    const result = filterJson(document, this.#stages, this.#options);
    if (!result.ok) throw new WithholdSignal(`${place}: ${result.reason}`);
    for (const [index, receipt] of result.receipts.entries()) this.#add(index, receipt);
    return result.bytes;
  }

  /** A receipt for each operation over all documents so far. */
  receipts(): Receipt[] {
    let index = 0;
    return this.#stages.flatMap((stage) =>
      stage.operations.map((operation) => {
        const { nodes, paths } = this.#sums[index++] ?? { nodes: 0, paths: [] };
        return receiptOf(stage, operation, nodes, [...paths]);
      }),
    );
  }

  #add(index: number, { nodes, paths }: Receipt): void {
    const sum = this.#sums[index];
    if (nodes === 0 || sum === undefined) return;
    sum.nodes += nodes;
    for (const path of paths) {
      if (sum.paths.length < MAX_RECEIPT_PATHS && !sum.paths.includes(path)) sum.paths.push(path);
    }
  }
}

/** Finds the documents of a stream in its bytes. Its methods throw `WithholdSignal` where the stream must end. */
export interface StreamReader {
  /** @param out - takes what may go on */
  read(piece: Uint8Array, out: ByteBuffer): void;
  /** The stream has no more bytes. */
  finish(out: ByteBuffer): void;
}

/** A filter over a reader: what was read before a document that is withheld still goes out, nothing behind it. */
export function streamFilter(reader: StreamReader, documents: DocumentSeries): JsonFilter {
  const out = new ByteBuffer();
  let withheld: FilterPiece | undefined;
  const run = (work: () => void): FilterPiece => {
    if (withheld !== undefined) return withheld;
    try {
      work();
    } catch (error) {
      if (!(error instanceof WithholdSignal)) throw error;
      withheld = { ok: false, reason: error.message };
      return { ...withheld, bytes: out.take(out.length) };
    }
    return { ok: true, bytes: out.take(out.length) };
  };
  return {
    write: (piece) => run(() => reader.read(piece, out)),
    end: () => {
      const last = run(() => reader.finish(out));
      return last.ok ? { ...last, receipts: documents.receipts() } : last;
    },
    receipts: () => documents.receipts(),
  };
}
