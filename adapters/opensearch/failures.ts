import { errors } from '@opensearch-project/opensearch';
import { DocumentStoreUnavailable, UnknownCollection } from '../../ports/document-store.ts';

const notFound = 404;
const conflict = 409;
const badRequest = 400;
const tooLarge = 413;

/** What OpenSearch says of something that it has not done. */
export interface Failure {
  readonly status: number;
  readonly type: string;
}

/**
 * The driver's errors hold requests, and its reasons quote documents and queries: nothing of them but type and status
 * may go any further.
 */
const told = ({ type, status }: Failure): Error => new Error(`OpenSearch says ${type}, ${status}`);

const failureIn = (error: errors.ResponseError): Failure => {
  const { error: said } = (error.body ?? {}) as { readonly error?: { readonly type?: string } | string };
  const type = typeof said === 'object' ? (said.type ?? 'an error') : 'an error';
  return { status: error.statusCode ?? 0, type };
};

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? error.statusCode : undefined;

export const isNotFound = (error: unknown): boolean => statusOf(error) === notFound;
export const isConflict = (error: unknown): boolean => statusOf(error) === conflict;
export const isMissingIndex = ({ status, type }: Failure): boolean =>
  status === notFound && type === 'index_not_found_exception';
export const isStale = ({ status }: Failure): boolean => status === conflict;

/** Somebody made the index a moment ago. */
export const isAlreadyThere = (error: unknown): boolean =>
  error instanceof errors.ResponseError && failureIn(error).type === 'resource_already_exists_exception';

const unavailable = (cause?: unknown): DocumentStoreUnavailable =>
  new DocumentStoreUnavailable('The search index could not be read or written', { cause });

/** As the port tells a failure of one collection. */
export const explained = (failure: Failure, collection: string | undefined): Error => {
  if (collection !== undefined && isMissingIndex(failure)) return new UnknownCollection(collection);
  const isOurs = failure.status === badRequest || failure.status === tooLarge;
  return isOurs
    ? new TypeError('OpenSearch cannot hold or answer this', { cause: told(failure) })
    : unavailable(told(failure));
};

/** Gone with a connection, before there was an answer. */
const isLost = (error: unknown): boolean => error instanceof errors.ConnectionError;

export interface AttemptOptions {
  /** Of which collection it is. */
  readonly collection?: string | undefined;
  /** Doing it twice comes to the same. Default: true. */
  readonly isRepeatable?: boolean;
}

/** Runs a store's calls and translates what the driver throws, until closed. */
export class Attempts {
  #isClosed = false;

  /** False when it was closed before. */
  close(): boolean {
    const isFirst = !this.#isClosed;
    this.#isClosed = true;
    return isFirst;
  }

  async run<T>(work: () => Promise<T>, { collection, isRepeatable = true }: AttemptOptions = {}): Promise<T> {
    if (this.#isClosed) throw unavailable();
    try {
      return await work();
    } catch (error) {
      if (isRepeatable && isLost(error)) return await this.run(work, { collection, isRepeatable: false });
      throw this.#translate(error, collection);
    }
  }

  #translate(error: unknown, collection: string | undefined): unknown {
    if (error instanceof errors.ResponseError) return explained(failureIn(error), collection);
    if (error instanceof errors.OpenSearchClientError) return unavailable(new Error(`OpenSearch: ${error.name}`));
    return error;
  }
}
