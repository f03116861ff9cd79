import {
  ByteBlocks,
  ConfigError,
  type LogStore,
  StorageCorruptError,
  StorageUnavailableError,
  type StoredRecord,
} from "@sallyport/core";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

export function memoryLogStore(options: {
  readonly maxBytes: number;
  readonly region: () => string | undefined;
}): LogStore {
  const records: StoredRecord[] = [];
  const byId = new Map<string, StoredRecord>();
  const blocks = new ByteBlocks();
  let bytesKept = 0;
  return {
    async putRecord(record) {
      const region = options.region();
      if (region !== undefined && record.region !== region) {
        throw new ConfigError(
          "record.region",
          `the store belongs to region \`${region}\`, the record to \`${record.region}\``,
        );
      }
      const known = byId.get(record.id);
      if (known !== undefined) {
        if (!isSame(known.bytes, record.bytes))
          throw new StorageCorruptError(`record \`${record.id}\` is stored with other bytes`);
        return;
      }
      if (bytesKept + record.bytes.length > options.maxBytes) {
        throw new StorageUnavailableError("the store in memory is full: nothing was written", {
          help: "raise `maxBytes`, or use a store on disk",
        });
      }
      const kept = { id: record.id, region: record.region, bytes: blocks.copyOf(record.bytes) };
      records.push(kept);
      byId.set(kept.id, kept);
      bytesKept += kept.bytes.length;
    },
    async getRecord(id) {
      const record = byId.get(id);
      return record && copyOf(record);
    },
    async listRecords({ cursor, limit = DEFAULT_LIMIT } = {}) {
      if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
        throw new ConfigError("limit", `expected a whole number from 1 to ${MAX_LIMIT}`);
      }
      const start = cursor === undefined ? 0 : positionOf(cursor, records.length);
      const page = records.slice(start, start + limit).map(copyOf);
      const next = start + page.length;
      return next < records.length ? { records: page, cursor: String(next) } : { records: page };
    },
  };
}

function positionOf(cursor: string, length: number): number {
  const position = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (!(position <= length)) throw new ConfigError("cursor", "is not one that this store gave");
  return position;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function copyOf(record: StoredRecord): StoredRecord {
  return { id: record.id, region: record.region, bytes: new Uint8Array(record.bytes) };
}
