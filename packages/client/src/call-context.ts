import type { Identity } from "./identity.js";
import type { CheckedOptions } from "./options.js";
import type { Recorder } from "./recorder.js";

/** What a guarded fetch brings to one call. */
export interface CallContext {
  readonly options: CheckedOptions;
  readonly recorder: Recorder;
  readonly identity: Identity;
  /** Id or alias of the proxy that the calling code named. */
  readonly proxy: string | undefined;
  /** Fires when the guarded fetch is closed. */
  readonly closing: AbortSignal;
  /** Whether the policy of the call still is the one in force. */
  readonly isInForce: () => boolean;
}
