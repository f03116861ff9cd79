/** The kinds of entity that a policy is made of. */
export type EntityKind = "target" | "credential" | "proxy" | "settings";

export interface StoredEntity {
  readonly id: string;
  /** Opaque; changes with every write. */
  readonly version: string;
  /** As they were put. The caller owns them. */
  readonly bytes: Uint8Array;
}

/** A conditional write either happens, or finds that someone else was first and changes nothing. */
export type WriteResult = { readonly ok: true; readonly version: string } | { readonly ok: false };

/** Entities of the policy with versions. Bytes in, bytes out: parsing and sealing happen above. */
export interface ConfigStore {
  /** Resolves to `undefined` when there is no such entity. */
  getEntity(kind: EntityKind, id: string): Promise<StoredEntity | undefined>;
  /**
   * Writes only if the stored version is `expected`; `undefined` means that there must be none yet.
   *
   * @param bytes - copied
   */
  putEntity(
    kind: EntityKind,
    id: string,
    bytes: Uint8Array,
    expected: string | undefined,
  ): Promise<WriteResult>;
  /** Deletes only if the stored version is `expected`. */
  deleteEntity(kind: EntityKind, id: string, expected: string): Promise<boolean>;
  /** All entities of a kind, by id in code unit order. */
  listEntities(kind: EntityKind): Promise<readonly StoredEntity[]>;
}
