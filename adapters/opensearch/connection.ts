import { readFileSync } from 'node:fs';
import { Client } from '@opensearch-project/opensearch';

export interface OpenSearchTimeouts {
  /** How long the answer to a question may take. */
  readonly answerMs: number;
  /** How long it may take to write a batch, or to make or drop an index. */
  readonly writeMs: number;
}

export interface OpenSearchOptions {
  /** `https://user:password@host:9200/prefix`: all names there begin with the prefix, `parley` when there is none. */
  readonly url: string;
  /** A file with the certificates, PEM, that the server's own may be signed by; the usual ones without it. */
  readonly certificates?: string | undefined;
  readonly timeouts?: Partial<OpenSearchTimeouts> | undefined;
}

/** Nothing can be kept in the OpenSearch that a URL names. The message says why, and nothing of the URL. */
export class UnusableOpenSearch extends Error {
  override readonly name = 'UnusableOpenSearch';
}

export interface OpenSearchConnection {
  readonly client: Client;
  readonly prefix: string;
  readonly timeouts: OpenSearchTimeouts;
}

const defaults: OpenSearchTimeouts = { answerMs: 5_000, writeMs: 20_000 };

const prefixIn = ({ pathname }: URL): string => {
  const name = pathname.replace(/^\//, '') || 'parley';
  if (/^[a-z\d][a-z\d_-]{0,63}$/.test(name)) return name;
  throw new UnusableOpenSearch('The path of the URL must be a prefix of small letters, digits, - and _, or nothing');
};

const readCertificates = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UnusableOpenSearch(`The certificates cannot be read from ${file}`, { cause });
  }
};

/**
 * A client that looks for its server only when something is asked. Every call is bounded in time and made once; whether
 * to repeat it is for the caller to say. Throws `UnusableOpenSearch`.
 */
export const connectOpenSearch = ({ url, certificates, timeouts }: OpenSearchOptions): OpenSearchConnection => {
  const parsed = URL.parse(url);
  if (parsed === null) throw new UnusableOpenSearch('OpenSearch does not understand the URL');
  const prefix = prefixIn(parsed);
  const bounds = { ...defaults, ...timeouts };
  const client = new Client({
    node: parsed.origin,
    ...(parsed.username !== '' && {
      auth: { username: decodeURIComponent(parsed.username), password: decodeURIComponent(parsed.password) },
    }),
    ...(certificates !== undefined && { ssl: { ca: readCertificates(certificates) } }),
    maxRetries: 0,
    requestTimeout: bounds.answerMs,
  });
  return { client, prefix, timeouts: bounds };
};
