import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

/** Which session a refresh token is of, and the how-manieth of it. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
}

export interface RefreshTokens {
  /** The same token each time, so that a lost reply can be repeated though no token is stored. */
  encode(token: RefreshToken): string;
  /** Undefined for what was not made here. */
  decode(text: string): RefreshToken | undefined;
}

const idBytes = 16;
const bodyBytes = idBytes + 4;

/** Session id, generation and a tag (HMAC-SHA-256) over both. */
export const createRefreshTokens = (secret: Uint8Array): RefreshTokens => {
  const tagOf = (body: Uint8Array): Buffer => createHmac('sha256', secret).update(body).digest();
  return {
    encode({ sessionId, generation }) {
      const body = Buffer.alloc(bodyBytes);
      body.set(parse(sessionId));
      body.writeUInt32BE(generation, idBytes);
      return Buffer.concat([body, tagOf(body)]).toString('base64url');
    },

    decode(text) {
      const bytes = Buffer.from(text, 'base64url');
      const body = bytes.subarray(0, bodyBytes);
      const expected = tagOf(body);
      if (bytes.length !== bodyBytes + expected.length) return undefined;
      if (!timingSafeEqual(bytes.subarray(bodyBytes), expected)) return undefined;
      return { sessionId: stringify(body.subarray(0, idBytes)), generation: body.readUInt32BE(idBytes) };
    },
  };
};
