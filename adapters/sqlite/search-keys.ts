const uuid = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';
const uuids = new RegExp(`^${uuid}(?:/${uuid})?$`);
const uuidBytes = 16;

/** An id as it is stored: UUIDs, which every message has four of, in half as many bytes as their text. */
export type PackedId = string | Uint8Array;

export const packId = (id: string): PackedId => (uuids.test(id) ? Buffer.from(id.replaceAll(/[-/]/g, ''), 'hex') : id);

const uuidOf = (bytes: Buffer): string => {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

export const unpackId = (packed: PackedId): string => {
  if (typeof packed === 'string') return packed;
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  if (bytes.length === uuidBytes) return uuidOf(bytes);
  return `${uuidOf(bytes.subarray(0, uuidBytes))}/${uuidOf(bytes.subarray(uuidBytes))}`;
};
