/** Sets of ASCII characters, asked one UTF-16 code unit at a time. */

/** A set of ASCII characters: 1 for the code unit of each member. */
export type AsciiSet = Uint8Array;

/** @param characters - an expression for one character, such as `/[0-9]/` */
export function asciiSet(characters: RegExp): AsciiSet {
  return Uint8Array.from({ length: 128 }, (_, unit) => (characters.test(String.fromCharCode(unit)) ? 1 : 0));
}

/** Whether a member of the set stands at `index`; nothing stands outside the text. */
export function isOneAt(set: AsciiSet, text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit < 128 && set[unit] === 1;
}

export const DIGIT: AsciiSet = asciiSet(/[0-9]/);

/** Letters and digits: one directly beside a number or a key makes it part of something longer. */
export const ALPHANUMERIC: AsciiSet = asciiSet(/[0-9A-Za-z]/);

/** RFC 4648 section 5, without padding. */
export const BASE64URL: AsciiSet = asciiSet(/[0-9A-Za-z_-]/);
