/** A view of bytes that notices when one is read that is not there. */

/** @returns the bytes before `end`; reading any other throws, where an array would give `undefined` or what is behind */
export function bytesWithin(bytes: Uint8Array, end = bytes.length): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && Number(key) >= end) throw new Error(`byte ${key} of ${end} was read`);
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
