import { hash } from 'node:crypto';
import type { MessageContent, SendContent } from './commands.ts';
import type { ContentDigests } from './state.ts';

/** JSON with the keys of every object sorted: equal values give equal text. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .join()}}`;
};

/** 128 bits of SHA-256, base64url: enough to tell one content from another, too short to stand for it. */
const digest = (value: unknown): string => hash('sha256', canonical(value), 'base64url').slice(0, 22);

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
const field = (value: unknown): string | null => (isEmpty(value) ? null : digest(value));

export const contentDigests = ({ text, attachments, custom }: MessageContent): ContentDigests => ({
  text: field(text),
  attachments: field(attachments),
  custom: field(custom),
});

/** Tells one name or topic from another. */
export const textDigest = (text: string | null): string | null => (text === null ? null : digest(text));

/** Of everything a client sends with a message but its id. Absent, null and empty fields count as equal. */
export const sendDigest = ({
  text,
  attachments,
  mentions,
  custom,
  replyTo,
  thread,
  forwardedFrom,
  expiresInSeconds,
}: SendContent): string => {
  const fields = [text, attachments, mentions, custom, replyTo, thread, forwardedFrom].map((value) =>
    isEmpty(value) ? null : value,
  );
  // Absent it leaves no trace: digests in the log are older than the field.
  return digest(expiresInSeconds === undefined ? fields : [...fields, expiresInSeconds]);
};
