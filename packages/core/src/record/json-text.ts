/**
 * JSON written piece by piece, for what is written on every call: several times as fast as a value that is built to be
 * handed to `JSON.stringify`. Whoever writes so puts the names in their order, and has a twin that builds the value.
 */
import { ownText } from "../bytes.js";

/** Texts of objects that never change, each in one piece. */
export class KnownTexts<T extends object> {
  readonly #known = new WeakMap<T, string>();

  of(one: T, write: () => string): string {
    return this.#known.get(one) ?? this.#keep(one, write());
  }

  #keep(one: T, text: string): string {
    const whole = ownText(text);
    this.#known.set(one, whole);
    return whole;
  }
}

/** A text as JSON. Nearly all needs no escape, and finding that out costs less than `JSON.stringify`. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** As `JSON.stringify`: what JSON has no number for is `null`. */
export function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}

/**
 * A member in front of one that is always there; nothing for `undefined`.
 *
 * @param name - without anything to escape
 */
export function before(name: string, text: string | undefined): string {
  return text === undefined ? "" : `"${name}":${text},`;
}

/** As {@link before}, behind one that is always there. */
export function after(name: string, text: string | undefined): string {
  return text === undefined ? "" : `,"${name}":${text}`;
}

/** {@link quoted}, where there is a text. */
export function quotedOrNone(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quoted(text);
}

/** {@link numberText}, where there is a number. */
export function numberOrNone(value: number | undefined): string | undefined {
  return value === undefined ? undefined : numberText(value);
}

export function listText<T>(values: readonly T[], textOf: (value: T, index: number) => string): string {
  let text = "[";
  for (let index = 0; index < values.length; index++)
    text += (index === 0 ? "" : ",") + textOf(values[index] as T, index);
  return `${text}]`;
}
