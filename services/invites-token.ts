import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ConversationId } from '../domain/ids.ts';

interface InviteKey {
  readonly conversationId: ConversationId;
  readonly inviteId: string;
}

const idBytes = 16;
const tagBytes = 16;

const toBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');
const fromBytes = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Invite tokens: both ids and a tag that only this server can make, base64url. Nothing of them is stored. */
export const createInviteTokens = (
  secret: Uint8Array,
): {
  encode(key: InviteKey): string;
  /** Undefined for anything that `encode` has not made. */
  decode(token: string): InviteKey | undefined;
} => {
  const tagOf = (ids: Uint8Array): Buffer => createHmac('sha256', secret).update(ids).digest().subarray(0, tagBytes);
  return {
    encode({ conversationId, inviteId }) {
      const ids = Buffer.concat([toBytes(conversationId), toBytes(inviteId)]);
      return Buffer.concat([ids, tagOf(ids)]).toString('base64url');
    },
    decode(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length !== 2 * idBytes + tagBytes || bytes.toString('base64url') !== token) return undefined;
      const ids = bytes.subarray(0, 2 * idBytes);
      if (!timingSafeEqual(tagOf(ids), bytes.subarray(2 * idBytes))) return undefined;
      return { conversationId: fromBytes(ids.subarray(0, idBytes)), inviteId: fromBytes(ids.subarray(idBytes)) };
    },
  };
};
