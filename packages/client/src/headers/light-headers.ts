/**
 * `Headers` that the platform's are made of only when somebody asks for more than one value: filling the platform's costs
 * more than a decision does.
 *
 * An instance of the platform's class, which it does not construct. What changes it, or goes through it, is left to
 * headers of the platform's, made when they are needed; from then on they are what counts.
 */
import { inspect } from "node:util";
import { basedOn, poseAs } from "../platform-pose.js";
import { HeaderList, isHeaderName } from "./header-list.js";

class LightHeaders extends basedOn(Headers) {
  readonly #list: HeaderList;
  #platform: Headers | undefined;

  constructor(list: HeaderList) {
    super();
    this.#list = list;
  }

  get(name: string): string | null {
    if (this.#isQuick(name)) {
      const key = name.toLowerCase();
      const index = this.#list.indexOf(key);
      if (index === -1) return null;
      // How repeats are joined, the platform knows.
      if (this.#list.indexOf(key, index + 2) === -1) return this.#list.flat[index + 1] ?? null;
    }
    return this.#asPlatform().get(name);
  }

  has(name: string): boolean {
    return this.#isQuick(name) ? this.#list.has(name.toLowerCase()) : this.#asPlatform().has(name);
  }

  [inspect.custom](_depth: number, options: object, inspected: typeof inspect): string {
    return inspected(this.#asPlatform(), options);
  }

  #isQuick(name: unknown): name is string {
    return this.#platform === undefined && typeof name === "string" && isHeaderName(name);
  }

  #asPlatform(): Headers {
    if (this.#platform !== undefined) return this.#platform;
    const platform = new Headers();
    for (const [name, value] of this.#list) platform.append(name, value);
    this.#platform = platform;
    return platform;
  }

  static platformOf(headers: LightHeaders): Headers {
    return headers.#asPlatform();
  }

  static listOf(headers: LightHeaders): HeaderList {
    return headers.#platform === undefined ? headers.#list : HeaderList.from(headers.#platform);
  }
}

/** What the platform's class does in every version of Node that there is, and what later ones may add. */
for (const name of Reflect.ownKeys(Headers.prototype)) {
  const { value } = Object.getOwnPropertyDescriptor(Headers.prototype, name) ?? {};
  if (typeof value !== "function" || Object.hasOwn(LightHeaders.prototype, name)) continue;
  const delegated = {
    [name](this: LightHeaders, ...given: unknown[]): unknown {
      return Reflect.apply(value, LightHeaders.platformOf(this), given);
    },
  }[name as string];
  Object.defineProperty(LightHeaders.prototype, name, {
    value: delegated,
    configurable: true,
    writable: true,
  });
}
poseAs(LightHeaders, Headers);

/** @param list - names and values that the platform takes; not changed by anybody any more */
export function lightHeaders(list: HeaderList): Headers {
  return new LightHeaders(list) as unknown as Headers;
}

const platformIterator = Headers.prototype[Symbol.iterator];

/**
 * What these headers hold now. Not to be changed: it may be what they are made of.
 *
 * @throws TypeError as the platform does for headers with an iterator of their own, which it follows
 */
export function headerListOf(headers: Headers): HeaderList {
  const one: object = headers;
  if (one instanceof LightHeaders) return LightHeaders.listOf(one);
  // Another iterator may give anything, and in any case.
  const isPlatforms = headers[Symbol.iterator] === platformIterator;
  return HeaderList.from(isPlatforms ? headers : new Headers(headers));
}
