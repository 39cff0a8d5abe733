// Addresses in questions.

/** An address, bare or behind a field that has addresses; no Message-ID, which stands in angle brackets. */
const ADDRESS =
  /^-?(?:(?:from|to|orig_to|account|user|any):)?"?([^\s<>@"\\:()]+@[^\s<>@"\\:()]+\.[^\s<>@"\\:()*]+)"?$/i;

/** The address that a word is or names. */
export function addressIn(word: string): string | undefined {
  return ADDRESS.exec(word)?.[1];
}
