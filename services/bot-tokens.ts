import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';
import { botScopes, type BotScope } from '../domain/bot-scopes.ts';
import { DomainError } from '../domain/errors.ts';
import type { BotRecords, TokenRecord } from '../ports/bot-records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Caller } from './caller.ts';

/** Tells them apart from access tokens, and makes them easy to find where they do not belong. */
const prefix = 'parley_bot_';
const idBytes = 16;
const secretBytes = 32;

const hashOf = (secret: Uint8Array): string => createHash('sha256').update(secret).digest('base64url');

export const isBotToken = (token: string): boolean => token.startsWith(prefix);

/** A new token, and the hash to keep of it. */
export const makeBotToken = (tokenId: string): { readonly token: string; readonly hash: string } => {
  const secret = randomBytes(secretBytes);
  const token = prefix + Buffer.concat([parse(tokenId), secret]).toString('base64url');
  return { token, hash: hashOf(secret) };
};

export const knownScopes = (scopes: readonly string[]): BotScope[] => scopes.filter(isScope);

const isScope = (text: string): text is BotScope => (botScopes as readonly string[]).includes(text);

/** A token counts as a device of its bot, with a session for as long as it is there. */
export const callerOf = ({ id, parentId, scopes }: TokenRecord): Caller => ({
  userId: parentId,
  deviceId: id,
  sessionId: id,
  scopes: knownScopes(scopes),
});

/** Whose token it is. Throws `auth/expired`, and `auth/required` for one that is revoked or was not issued here. */
export const readBotToken = async (
  { bots, clock }: { readonly bots: Pick<BotRecords, 'get'>; readonly clock: Clock },
  token: string,
): Promise<Caller> => {
  const bytes = Buffer.from(token.slice(prefix.length), 'base64url');
  if (bytes.length !== idBytes + secretBytes) throw new DomainError('auth/required');
  const found = await bots.get('token', stringifyId(bytes.subarray(0, idBytes)));
  const hash = Buffer.from(hashOf(bytes.subarray(idBytes)));
  if (found === undefined || !timingSafeEqual(hash, Buffer.from(found.hash))) throw new DomainError('auth/required');
  if (found.expiresAt !== null && Date.parse(found.expiresAt) <= clock()) throw new DomainError('auth/expired');
  return callerOf(found);
};

const stringifyId = (bytes: Uint8Array): string => {
  try {
    return stringify(bytes);
  } catch {
    throw new DomainError('auth/required');
  }
};
