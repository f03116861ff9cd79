/**
 * Takes records to the store. After a call was dispatched nothing that happens here changes what its caller gets: a
 * record that cannot be stored waits in bounded memory, and until it is stored no further call is let out.
 */
import {
  ByteBlocks,
  canonicalJson,
  isoTime,
  isSallyportError,
  type StorageAdapter,
  StorageUnavailableError,
  type StoredRecord,
  uuidV7,
} from "@sallyport/core";
import { unanswered, within } from "./deadline.js";
import { type Linked, LinkedList } from "./linked-list.js";
import type { World } from "./world.js";

/** Called when a record could not be stored. It waits, unless `lost`. Must not throw. */
export type AuditFailureListener = (failure: {
  readonly error: unknown;
  readonly recordId: string;
  readonly lost: boolean;
}) => void;

/** Earlier records hold a call up no longer than this. */
const MAX_BLOCK_MS = 1000;

/** A write that takes longer is tried again: shorter than the above, so that a call can see it end. */
const MAX_WRITE_MS = 500;

/** So often it is looked for records whose write takes too long: one timer for all of them. */
const CHECK_MS = 100;

/** Records that wait take at most this much memory; what comes on top is counted and reported as an `audit.gap`. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface RecorderOptions {
  readonly store: StorageAdapter;
  readonly region: string;
  readonly world: World;
  readonly onAuditFailure: AuditFailureListener;
}

/** A record on its way to the store. */
class Write implements Linked<Write> {
  previous: Write | undefined = undefined;
  next: Write | undefined = undefined;
  isListed = false;
  readonly record: StoredRecord;
  /** Which check came before it was handed to the store; `undefined`: not yet. */
  since: number | undefined = undefined;
  end: () => void = () => {};
  /** Resolves when it is stored, or waits. */
  readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  constructor(record: StoredRecord) {
    this.record = record;
  }
}

export class Recorder {
  /** For the bytes of records until they are stored. */
  readonly blocks = new ByteBlocks();
  readonly #options: RecorderOptions;
  #claim: Promise<void> | undefined;
  #waiting: StoredRecord[] = [];
  #waitingBytes = 0;
  #lost = 0;
  /** Writes under way, oldest first: a stream may end when no call is under way any more. */
  readonly #storing = new LinkedList<Write>();
  #checks = 0;
  #checking: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #isClaimed = false;
  #isRefusing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Whether a call may be dispatched without waiting. */
  get isReady(): boolean {
    return !this.#isRefusing && this.#isClaimed && this.#waiting.length === 0 && this.#lost === 0;
  }

  /**
   * Resolves when the store belongs to the policy's region and holds every earlier record.
   *
   * @throws what the store threw, or after {@link refuse}; then no call may be dispatched
   */
  async ready(): Promise<void> {
    if (this.#isRefusing) throw new StorageUnavailableError("the guarded fetch is closed");
    if (this.isReady) return;
    await within(MAX_BLOCK_MS, this.#storeWaiting());
  }

  get isClosed(): boolean {
    return this.#isRefusing;
  }

  /** No call is ready any more. */
  refuse(): void {
    this.#isRefusing = true;
  }

  /** Stores a record, or lets it wait. Never throws. */
  record(id: string, bytes: Uint8Array): Promise<void> {
    const write = new Write({ id, region: this.#options.region, bytes });
    if (this.#storing.isEmpty) this.#watch();
    this.#storing.add(write);
    const put = () => {
      write.since = this.#checks;
      return promised(() => this.#options.store.log.putRecord(write.record));
    };
    (this.#isClaimed ? put() : this.#claimRegion().then(put)).then(
      () => this.#ended(write),
      (error) => this.#ended(write, { error }),
    );
    return write.ended;
  }

  #ended(write: Write, failure?: { readonly error: unknown }): void {
    // It may have been given up, and waits: what is stored twice is stored once.
    if (!this.#storing.remove(write)) return;
    if (failure !== undefined) this.#letWait(write.record, failure.error);
    write.end();
    // There may be timers of somebody else's in the place of Node's.
    if (this.#storing.isEmpty) this.#checking?.unref?.();
  }

  /** Looks after all writes until there is none; only as long as there is one does the process stay for it. */
  #watch(): void {
    if (this.#checking === undefined) this.#checking = setTimeout(this.#check, CHECK_MS);
    else this.#checking.ref?.();
  }

  readonly #check = () => {
    this.#checking = undefined;
    this.#checks++;
    for (const write of this.#storing.toArray()) {
      // The first check may have come at once.
      const waited = write.since === undefined ? 0 : (this.#checks - write.since - 1) * CHECK_MS;
      if (waited >= MAX_WRITE_MS) this.#ended(write, { error: unanswered(MAX_WRITE_MS) });
    }
    if (!this.#storing.isEmpty) this.#watch();
  };

  #letWait(record: StoredRecord, error: unknown): void {
    const { id, bytes } = record;
    // A store may have taken away the memory of what it was given.
    const lost = bytes.length === 0 || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES;
    if (lost) {
      this.#lost++;
    } else {
      // In memory of its own, so that no more of it is kept than is counted.
      this.#waiting.push({ ...record, bytes: new Uint8Array(bytes) });
      this.#waitingBytes += bytes.length;
    }
    this.#tell({ error, recordId: id, lost });
  }

  /** Counts a record that could not even be made. */
  lose(recordId: string, error: unknown): void {
    this.#lost++;
    this.#tell({ error, recordId, lost: true });
  }

  #tell(failure: Parameters<AuditFailureListener>[0]): void {
    try {
      this.#options.onAuditFailure(failure);
    } catch {
      process.emitWarning("the `onAuditFailure` listener threw, which is ignored", "SallyportWarning");
    }
  }

  /** Waits for writes under way and stores what waits. @throws StorageUnavailableError when something still waits */
  async flush(): Promise<void> {
    // Streams may end meanwhile, and leave their records.
    while (!this.#storing.isEmpty) await Promise.all(this.#storing.toArray().map(({ ended }) => ended));
    try {
      await this.#storeWaiting();
    } catch (cause) {
      if (this.#waiting.length === 0 && this.#lost === 0) return;
      const count = this.#waiting.length + this.#lost;
      throw new StorageUnavailableError(`records that could not be stored: ${count}`, {
        cause,
        help: "bring the store back and call `close()` again; the records are kept until the process ends",
      });
    }
  }

  async #storeWaiting(): Promise<void> {
    await this.#claimRegion();
    if (this.#waiting.length > 0 || this.#lost > 0) await this.#flushOnce();
  }

  #claimRegion(): Promise<void> {
    const { store, region } = this.#options;
    this.#claim ??= within(
      MAX_WRITE_MS,
      promised(() => store.claimRegion(region)),
    ).then(
      () => {
        this.#isClaimed = true;
      },
      (error: unknown) => {
        this.#claim = undefined;
        throw error;
      },
    );
    return this.#claim;
  }

  #flushOnce(): Promise<void> {
    this.#flushing ??= this.#flushWaiting().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flushWaiting(): Promise<void> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      await this.#putOrDrop(next);
      this.#waiting.shift();
      this.#waitingBytes -= next.bytes.length;
    }
    if (this.#lost === 0) return;
    const lost = this.#lost;
    await this.#put(this.#gapRecord(lost));
    this.#lost -= lost;
  }

  /** Bounded each time, so that one write that is never answered does not hold up all later ones. */
  #put(record: StoredRecord): Promise<void> {
    return within(
      MAX_WRITE_MS,
      promised(() => this.#options.store.log.putRecord(record)),
    );
  }

  /** A record that the store will never take must not stop every later call: it counts as lost. */
  async #putOrDrop(record: StoredRecord): Promise<void> {
    try {
      await this.#put(record);
    } catch (error) {
      if (!isSallyportError(error) || error.code === "ERR_STORAGE_UNAVAILABLE") throw error;
      this.#lost++;
      this.#tell({ error, recordId: record.id, lost: true });
    }
  }

  /** The loss itself is on the record. */
  #gapRecord(lost: number): StoredRecord {
    const { region, world } = this.#options;
    const now = world.now();
    const id = uuidV7(now, world.random(10));
    const gap = {
      v: "1.0",
      id,
      type: "audit.gap",
      region,
      provenance: "sdk",
      time: { observed: isoTime(now) },
      lost,
    };
    return { id, region, bytes: new TextEncoder().encode(canonicalJson(gap)) };
  }
}

/** A store of somebody else's may throw where it should reject. */
function promised<T>(work: () => Promise<T>): Promise<T> {
  try {
    return Promise.resolve(work());
  } catch (error) {
    return Promise.reject(error);
  }
}
