/** What one operation did, as the record of a call tells it. */
import type { Receipt } from "./filter-json.js";

export interface RecordedReceipt extends Receipt {
  /** `request`: it was done to the request's body. Absent: to the response's. */
  readonly on?: "request";
  /** Of a request filter on a redirect: which hop. Absent: the first request. */
  readonly hop?: number;
  /** `observe`: it would have been done, and was not. */
  readonly mode?: "observe";
}
