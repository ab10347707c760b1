import { hash } from 'node:crypto';
import { v5 } from 'uuid';
import { z } from 'zod';

/** Lower-case UUID of any version; compared as text. */
export const Uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a lower-case UUID');

/** RFC 3339, UTC, milliseconds: `2026-01-31T12:00:00.000Z`. Equal length, so text order is time order. */
export const Timestamp = z.iso.datetime({ precision: 3 });

export type UserId = string;
export type DeviceId = string;
export type ConversationId = string;
export type MessageId = string;
export type Timestamp = string;

const directNamespace = '5b6a1d0e-8f0c-5a53-9d3e-2f4c1b7a9e60';
const derivedNamespace = 'c3a5f9d2-4e1b-5f6c-8a7d-9b0e1c2d3f41';

const pair = (a: UserId, b: UserId): string => (a < b ? `${a}_${b}` : `${b}_${a}`);

/** The one direct conversation of two users, whoever asks: a UUIDv5 (RFC 9562, 5.5) of both ids. */
export const directConversationId = (a: UserId, b: UserId): ConversationId => v5(pair(a, b), directNamespace);

/** A UUIDv5 of any parts: the same parts give the same id on every node, for ever. */
export const derivedId = (...parts: readonly string[]): string => v5(parts.join('/'), derivedNamespace);

/** A UUIDv7 of this time whose other bits derive from the parts: ordered and fresh like any other, and the same again. */
export const derivedTimedId = (milliseconds: number, ...parts: readonly string[]): string => {
  const time = milliseconds.toString(16).padStart(12, '0');
  const rest = hash('sha256', parts.join('/'), 'hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`;
};

/** Milliseconds since the epoch that a UUIDv7 carries (RFC 9562, 5.7), or undefined for any other version. */
export const uuidV7Time = (id: string): number | undefined =>
  id[14] === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

export const conversationStream = (conversationId: ConversationId): string => `conversation-${conversationId}`;
export const userStream = (userId: UserId): string => `user-${userId}`;
/** Of what this user has scheduled. */
export const scheduledStream = (userId: UserId): string => `scheduled-${userId}`;
export const contactStream = (a: UserId, b: UserId): string => `contact-${pair(a, b)}`;

/** What the names of all streams start with. */
export const streamPrefixes: readonly string[] = ['conversation-', 'user-', 'contact-', 'scheduled-'];

/** What stands before and after the first dash of a stream name. */
export const parseStream = (stream: string): { readonly category: string; readonly id: string } => {
  const dash = stream.indexOf('-');
  return { category: stream.slice(0, dash), id: stream.slice(dash + 1) };
};
