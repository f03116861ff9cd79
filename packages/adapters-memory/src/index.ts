/** Configuration and records in this process: gone when it ends. The executable definition of the storage port. */

export { type MemoryStoreOptions, memoryStore } from "./memory-store.js";
