export interface StoredRecord {
  /** UUIDv7. */
  readonly id: string;
  readonly region: string;
  /**
   * Canonical JSON in UTF-8, exactly as it was encoded. The caller owns them. What is put may be a part of a larger
   * buffer, as any `Uint8Array` may, with other records in it: a store copies these bytes, and neither keeps, clones nor
   * transfers the buffer behind them.
   */
  readonly bytes: Uint8Array;
}

export interface RecordPage {
  /** In the order in which they were put. */
  readonly records: readonly StoredRecord[];
  /** Where to go on; absent on the last page. Opaque. */
  readonly cursor?: string;
}

/** Records of guarded calls. Append-only: nothing here changes a record. */
export interface LogStore {
  /**
   * Resolves when the record is stored. Putting the same record again changes nothing.
   *
   * @param record - its bytes are copied
   * @throws StorageUnavailableError when it may not have been stored
   * @throws StorageCorruptError for the id of a record that has other bytes
   * @throws ConfigError for a record of another region than the store's
   */
  putRecord(record: StoredRecord): Promise<void>;
  /** Resolves to `undefined` when there is no such record. */
  getRecord(id: string): Promise<StoredRecord | undefined>;
  /**
   * @param options.cursor - of an earlier page; from the first record when absent
   * @param options.limit - 1 to 1000 @default 100
   * @throws ConfigError for a limit or cursor that is neither
   */
  listRecords(options?: { readonly cursor?: string; readonly limit?: number }): Promise<RecordPage>;
}
