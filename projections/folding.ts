/** A name as it is searched for: NFKD without marks, lower case. Folding twice changes nothing. */
export const foldedKey = (name: string): string => withoutMarks(withoutMarks(name).toLowerCase());

const withoutMarks = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '');

/** Stands after every text that begins with `prefix`, in the order of UTF-8 bytes. */
export const afterPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;
