import type { z } from 'zod';
import { DomainError, refusals, type RefusalCode } from '../domain/errors.ts';
import { CredentialStoreUnavailable } from '../ports/credential-store.ts';
import { DocumentStoreUnavailable } from '../ports/document-store.ts';
import { EventStoreUnavailable } from '../ports/event-store.ts';
import { PresenceUnavailable } from '../ports/presence.ts';
import type { Problem } from '../schemas/common.ts';

const mostErrors = 20;
const longestPath = 200;

type Issue = Pick<z.core.$ZodIssue, 'code' | 'path' | 'message'> & { readonly keys?: readonly string[] };

// Messages of these name what is expected, never what came.
const plainMessage: Partial<Record<Issue['code'], string>> = {
  unrecognized_keys: 'is not a known field',
  invalid_union: 'is none of the shapes that are allowed here',
  invalid_key: 'has a key that is not allowed',
};

const pathText = (parts: readonly PropertyKey[]): string =>
  parts.map(String).join('.').toWellFormed().slice(0, longestPath).toWellFormed();

/** `request/invalid` for what a schema found, its paths below `part`. Values are never repeated. */
export const invalidRequest = (issues: readonly Issue[], part: string): DomainError => {
  const errors = issues.flatMap(({ code, path, message, keys }) =>
    (keys ?? [undefined]).slice(0, mostErrors).map((key) => ({
      path: pathText([part, ...path, ...(key === undefined ? [] : [key])]),
      message: plainMessage[code] ?? message,
    })),
  );
  return new DomainError('request/invalid', { errors: errors.slice(0, mostErrors) });
};

/** `request/invalid` because of one part of the request. */
export const invalid = (path: string, message: string): DomainError =>
  new DomainError('request/invalid', { errors: [{ path, message }] });

const unavailable = [CredentialStoreUnavailable, DocumentStoreUnavailable, EventStoreUnavailable, PresenceUnavailable];

/** The refusal that clients get for any error. What is not known is `internal`, without a word of its inner text. */
export const refusalOf = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  if (unavailable.some((kind) => error instanceof kind)) return new DomainError('server/unavailable');
  return new DomainError('internal');
};

const faults: ReadonlySet<RefusalCode> = new Set([
  'read-model/behind',
  'server/unavailable',
  'rate/limited',
  'internal',
]);

/** Says nothing about what was asked, only that it could not be done now: the same may succeed later. */
export const isFault = ({ code }: Pick<DomainError, 'code'>): boolean => faults.has(code);

/** The one translation of errors for clients, by REST and by socket: RFC 9457 problem details. */
export const toProblem = (error: unknown, requestId: string): Problem => {
  const { code, details } = refusalOf(error);
  const [status, title] = refusals[code];
  const errors = code === 'request/invalid' && { errors: [{ path: 'request', message: 'is not allowed' }] };
  return {
    ...errors,
    ...details,
    ...retry(code, details),
    type: `urn:parley:problem:${code}`,
    title,
    status,
    code,
    requestId,
  };
};

/** Codes that tell when to try again; others do not carry the field. */
const retry = (
  code: RefusalCode,
  details: Readonly<Record<string, unknown>>,
): { readonly retryAfterSeconds?: number } => {
  const [status] = refusals[code];
  if (status !== 429 && status !== 503) return {};
  const { retryAfterSeconds } = details;
  return { retryAfterSeconds: typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 1 };
};
