import { EventStoreUnavailable } from '../../ports/event-store.ts';

/** The one gRPC code that plain errors of the client also carry: nothing answers at the address. */
const unavailable = 14;

const fieldOf = (error: unknown, name: 'code' | 'type'): unknown =>
  typeof error === 'object' && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined;

/** By type, never by message: the client leaves messages empty. */
export const isOfType = (error: unknown, type: string): boolean => fieldOf(error, 'type') === type;

/** The server or the way to it is gone, so that a fresh connection may do better than the old one. */
export const isLostConnection = (error: unknown): boolean =>
  fieldOf(error, 'code') === unavailable || isOfType(error, 'unavailable') || isOfType(error, 'cancelled');

const reasonOf = (error: unknown): string => {
  const named = (['type', 'code'] as const).flatMap((name) => {
    const value = fieldOf(error, name);
    return typeof value === 'string' || typeof value === 'number' ? [`${name} ${value}`] : [];
  });
  return named.join(', ') || 'no reason given';
};

export const toUnavailable = (what: string, cause: unknown): EventStoreUnavailable =>
  cause instanceof EventStoreUnavailable ? cause : new EventStoreUnavailable(`${what} (${reasonOf(cause)})`, { cause });
