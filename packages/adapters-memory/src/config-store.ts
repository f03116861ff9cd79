import type { ConfigStore, EntityKind, StoredEntity } from "@sallyport/core";

export function memoryConfigStore(): ConfigStore {
  const entities = new Map<EntityKind, Map<string, StoredEntity>>();
  let writes = 0;
  const ofKind = (kind: EntityKind) => {
    const known = entities.get(kind) ?? new Map<string, StoredEntity>();
    entities.set(kind, known);
    return known;
  };
  return {
    async getEntity(kind, id) {
      const entity = ofKind(kind).get(id);
      return entity && copyOf(entity);
    },
    async putEntity(kind, id, bytes, expected) {
      if (ofKind(kind).get(id)?.version !== expected) return { ok: false };
      const version = String(++writes);
      ofKind(kind).set(id, { id, version, bytes: new Uint8Array(bytes) });
      return { ok: true, version };
    },
    async deleteEntity(kind, id, expected) {
      return ofKind(kind).get(id)?.version === expected && ofKind(kind).delete(id);
    },
    async listEntities(kind) {
      return [...ofKind(kind).values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(copyOf);
    },
  };
}

function copyOf(entity: StoredEntity): StoredEntity {
  return { ...entity, bytes: new Uint8Array(entity.bytes) };
}
