/** A filter beside a body that goes on as it is. */
import type { FilterPiece, FilterResult, JsonFilter } from "./filter-json.js";

export interface ObservingFilter extends JsonFilter {
  /** Why the body would have been withheld by now; `undefined` while it would not. */
  reason(): string | undefined;
}

/** Shows a filter all of a body, and gives out what came in. */
export function observingFilter(filter: JsonFilter): ObservingFilter {
  let reason: string | undefined;
  const look = (result: FilterPiece | FilterResult) => {
    if (!result.ok) reason = result.reason;
  };
  return {
    write: (piece) => {
      look(filter.write(piece));
      return { ok: true, bytes: piece };
    },
    end: () => {
      look(filter.end());
      return { ok: true, bytes: NO_BYTES, receipts: filter.receipts() };
    },
    receipts: () => filter.receipts(),
    reason: () => reason,
  };
}

const NO_BYTES = new Uint8Array(0);
