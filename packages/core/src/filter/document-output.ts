/**
 * What goes out of a document that comes in pieces: kept as ranges of the piece, and held for as long as a later byte
 * may take it back. Coordinates count bytes of output since the document began.
 */
import { toUtf8 } from "../bytes.js";
import { ByteBuffer } from "./byte-buffer.js";
import { OutputRanges } from "./output-ranges.js";

export class DocumentOutput {
  /** Where in the piece the open range began, -1 when nothing is output. */
  open = 0;
  /** Output before this piece that may still be taken back. */
  readonly #held = new ByteBuffer();
  /** Coordinate at which `#held` begins: so much has gone out. */
  #sent = 0;
  /** Output of this piece so far, the open range aside. */
  readonly #ranges = new OutputRanges();

  /** Begins another document. */
  reset(): void {
    this.#held.clear();
    this.#sent = 0;
    this.open = 0;
  }

  beginPiece(): void {
    this.#ranges.clear();
    if (this.open >= 0) this.open = 0;
  }

  /** How much output there is when all before `p` of this piece is read. */
  coordinate(p: number): number {
    return this.#sent + this.#held.length + this.#ranges.length + (this.open < 0 ? 0 : p - this.open);
  }

  /** Ends the open range before `p`. */
  silence(p: number): void {
    if (this.open < 0) return;
    if (p > this.open) this.#ranges.push(this.open, p);
    this.open = -1;
  }

  /** Takes back all output from the coordinate on; nothing is output from `p` on either. */
  takeBack(coordinate: number, p: number): void {
    this.silence(p);
    const begin = this.#sent + this.#held.length;
    this.#ranges.truncate(Math.max(0, coordinate - begin));
    if (coordinate < begin) this.#held.truncate(coordinate - this.#sent);
  }

  /** Puts a string out in place of what ends before `p`, and goes on from there. */
  swapIn(text: string, p: number): void {
    this.#ranges.pushSwap(toUtf8(JSON.stringify(text)));
    this.open = p;
  }

  /** The output from a coordinate that is still held. There is no open range. */
  since(coordinate: number, piece: Uint8Array): Uint8Array {
    const held = this.#held.view();
    const all = new Uint8Array(held.length + this.#ranges.length);
    all.set(held);
    this.#ranges.copyTo(all, held.length, piece);
    return all.subarray(coordinate - this.#sent);
  }

  /**
   * Ends the piece at `used`.
   *
   * @param limit - the coordinate from which on output may still be taken back
   * @returns what is before it, perhaps a part of the piece's memory
   */
  endPiece(piece: Uint8Array, used: number, limit: number): Uint8Array {
    const now = this.coordinate(used);
    const isWhole = this.#ranges.isEmpty && this.open === 0 && this.#held.length === 0;
    if (isWhole && limit === now) {
      this.#sent = now;
      return used === piece.length ? piece : piece.subarray(0, used);
    }
    const isOpen = this.open >= 0;
    this.silence(used);
    if (isOpen) this.open = 0;
    if (limit === now && this.#held.length === 0) {
      this.#sent = now;
      const whole = new Uint8Array(this.#ranges.length);
      this.#ranges.copyTo(whole, 0, piece);
      return whole;
    }
    this.#ranges.copyTo(this.#held.extend(this.#ranges.length), 0, piece);
    const out = this.#held.take(limit - this.#sent);
    this.#sent = limit;
    return out;
  }
}
