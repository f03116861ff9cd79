/** A filter that only observes, beside what really becomes of a body. */
import type { FilterPiece, FilterResult, JsonFilter } from "./filter-json.js";
import type { RecordedReceipt } from "./recorded-receipt.js";

export interface ObservingFilter extends JsonFilter {
  /** Why the body would have been withheld by now; `undefined` while it would not. */
  reason(): string | undefined;
}

export interface ObservingOptions {
  /** What the body goes through. Absent: it goes on as it is. */
  readonly enforced?: JsonFilter | undefined;
  /** Which receipts of the observing filter are told, beside those of `enforced`. */
  readonly receiptsOf: (receipts: ReturnType<JsonFilter["receipts"]>) => readonly RecordedReceipt[];
}

/** Shows a filter all of a body, and gives out what is given out without it. */
export function observingFilter(
  filter: JsonFilter,
  { enforced = UNTOUCHED, receiptsOf }: ObservingOptions,
): ObservingFilter {
  let reason: string | undefined;
  const look = (result: FilterPiece | FilterResult) => {
    if (!result.ok) reason = result.reason;
  };
  const receipts = () => [...enforced.receipts(), ...receiptsOf(filter.receipts())];
  return {
    write: (piece) => {
      look(filter.write(piece));
      return enforced.write(piece);
    },
    end: () => {
      look(filter.end());
      const result = enforced.end();
      return result.ok ? { ...result, receipts: receipts() } : result;
    },
    receipts,
    reason: () => reason,
  };
}

const UNTOUCHED: JsonFilter = {
  write: (piece) => ({ ok: true, bytes: piece }),
  end: () => ({ ok: true, bytes: new Uint8Array(0), receipts: [] }),
  receipts: () => [],
};
