import { BSON, MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import { MongoDbHangs, type HangWatch } from './hang-watch.ts';

/** The code of an error that the server or the system gave. */
export const codeOf = (error: unknown): unknown =>
  error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11_000;

/** A connection from the pool that the server has closed in good order; the driver repeats nothing then. */
const isBrokenPipe = (error: unknown): boolean => !(error instanceof MongoError) && codeOf(error) === 'EPIPE';

const isOfSystem = (error: unknown): boolean => {
  const code = codeOf(error);
  return typeof code === 'string' && /^E[A-Z]+$/.test(code);
};

export interface AttemptOptions {
  /** Doing it twice comes to the same. */
  readonly isRepeatable: boolean;
}

/** Runs a store's calls and translates what the driver throws, until closed. */
export class Attempts {
  readonly #watch: HangWatch;
  readonly #unavailable: (cause?: unknown) => Error;
  #isClosed = false;

  constructor(watch: HangWatch, unavailable: (cause?: unknown) => Error) {
    this.#watch = watch;
    this.#unavailable = unavailable;
  }

  close(): void {
    this.#isClosed = true;
  }

  async run<T>(work: () => Promise<T>, { isRepeatable }: AttemptOptions = { isRepeatable: true }): Promise<T> {
    if (this.#isClosed) throw this.#unavailable();
    try {
      return await this.#watch.during(work);
    } catch (error) {
      if (isRepeatable && isBrokenPipe(error)) return await this.run(work, { isRepeatable: false });
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    if (error instanceof BSON.BSONError || error instanceof MongoInvalidArgumentError) {
      return new TypeError('MongoDB cannot hold this document', { cause: error });
    }
    const isTrouble = error instanceof MongoError || error instanceof MongoDbHangs || isOfSystem(error);
    return isTrouble ? this.#unavailable(error) : error;
  }
}
