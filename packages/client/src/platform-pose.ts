/** Classes of ours whose instances are ones of a class of the platform's, whose constructor they do without. */

type Platform = typeof Headers | typeof Response;

/** What to extend: `instanceof` the platform's class, with its members where there are none of our own. */
export function basedOn({ prototype }: Platform): new () => object {
  function Base() {}
  Base.prototype = Object.create(prototype);
  return Base as unknown as new () => object;
}

/** Instances say that the platform's class made them. */
export function poseAs(own: { readonly prototype: object }, platform: Platform): void {
  Object.defineProperty(own.prototype, "constructor", {
    value: platform,
    configurable: true,
    writable: true,
  });
}
