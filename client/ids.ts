let lastMs = 0;
let counter = 0;

/** A UUIDv7 (RFC 9562). Those made here are ascending, also within one millisecond. */
export const uuidV7 = (now: number): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    counter = bytes[6]! & 0x07;
  } else {
    counter += 1;
    if (counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
  }
  const time = lastMs.toString(16).padStart(12, '0');
  const count = counter.toString(16).padStart(3, '0');
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const rest = [...bytes.subarray(8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${rest.slice(0, 4)}-${rest.slice(4)}`;
};
