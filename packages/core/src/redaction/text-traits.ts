/** What a text is made of, learnt in one pass: so nearly all texts are seen to hold nothing that a detector looks for. */

/** What one text has. Of code units outside ASCII only `length` takes notice. */
export interface TextTraits {
  /** UTF-16 code units. */
  readonly length: number;
  /** ASCII digits. */
  readonly digits: number;
  /** Bits of the telling characters that occur. */
  readonly telling: number;
}

/** What a text must have for a detector to find anything in it. */
export interface TextNeeds {
  /** So many UTF-16 code units at least. */
  readonly length: number;
  /** So many ASCII digits at least. */
  readonly digits: number;
  /** Bits of the telling characters of which one at least must occur; 0 when it takes none. */
  readonly telling: number;
}

/** Characters without which one detector or another finds nothing. */
const TELLING = "@.-_KI";

/** For each ASCII code unit: a digit's count from bit 8 on, or the bit of a telling character. */
const WEIGHTS = Int32Array.from({ length: 128 }, (_, unit) =>
  unit >= 0x30 && unit <= 0x39 ? 256 : bitsOf(String.fromCharCode(unit)),
);

/** With neither of these no detector finds anything: each needs a telling character or two digits. */
export function isPlain({ digits, telling }: TextTraits): boolean {
  return telling === 0 && digits < 2;
}

/** @param oneOf - telling characters; empty when it takes none, but at least two digits */
export function textNeeds(length: number, digits: number, oneOf: string): TextNeeds {
  return { length, digits, telling: bitsOf(oneOf) };
}

export function traitsOf(text: string): TextTraits {
  const { length } = text;
  let digits = 0;
  let telling = 0;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    const weight = unit < 128 ? (WEIGHTS[unit] ?? 0) : 0;
    digits += weight >> 8;
    telling |= weight & 255;
  }
  return { length, digits, telling };
}

export function isMet(needs: TextNeeds, { length, digits, telling }: TextTraits): boolean {
  return (
    length >= needs.length &&
    digits >= needs.digits &&
    (needs.telling === 0 || (telling & needs.telling) !== 0)
  );
}

function bitsOf(characters: string): number {
  return [...characters].reduce((bits, character) => bits | ((1 << TELLING.indexOf(character)) & 255), 0);
}
