import type { FastifyInstance } from 'fastify';
import { invalid } from '../services/problems.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
/** Only escapes can bring these into a string: raw, they are no valid UTF-8 or no valid JSON. */
const suspicious = /\\u(?:0000|[dD][89a-fA-F])/;

const isWhole = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Whether every string and key is well-formed Unicode without U+0000, however deep. */
const isWholeJson = (value: unknown): boolean => {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string' && !isWhole(next)) return false;
    if (typeof next !== 'object' || next === null) continue;
    for (const [key, inner] of Object.entries(next)) {
      if (!isWhole(key)) return false;
      open.push(inner);
    }
  }
  return true;
};

const parse = (bytes: Buffer): unknown => {
  try {
    const text = decoder.decode(bytes);
    const value = JSON.parse(text) as unknown;
    if (!suspicious.test(text) || isWholeJson(value)) return value;
  } catch {
    throw invalid('body', 'must be JSON in UTF-8');
  }
  throw invalid('body', 'must hold well-formed Unicode without U+0000');
};

// To the framework a body that is null is none at all, and that is allowed in places where null is not.
const notNull = (value: unknown): unknown => {
  if (value === null) throw invalid('body', 'must not be null');
  return value;
};

/**
 * Bodies are JSON and nothing else; none at all is undefined. Strings that are no well-formed Unicode or hold U+0000
 * are refused wherever they stand.
 */
export const readBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, bytes: Buffer) =>
    bytes.length === 0 ? undefined : notNull(parse(bytes)),
  );
  app.addHook('preValidation', async ({ body, routeOptions }) => {
    if (routeOptions.schema?.body !== undefined || body === undefined) return;
    const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0;
    if (!isEmpty) throw invalid('body', 'must be absent');
  });
};
