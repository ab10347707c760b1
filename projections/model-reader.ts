import { DomainError } from '../domain/errors.ts';
import { UnknownCollection, type DocumentStore, type IndexQuery, type IndexRange } from '../ports/document-store.ts';

/** Reads the documents of one read model from the build that is live at the moment of each call. */
export interface ModelReader {
  get<Body extends object>(collection: string, id: string): Promise<Body | undefined>;
  /** Those that exist, by their id. */
  getMany<Body extends object>(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Body>>;
  find<Body extends object>(collection: string, query: IndexQuery): Promise<readonly Body[]>;
  /** All of a range, read page by page. */
  all<Body extends object>(
    collection: string,
    range: IndexRange,
    after: (last: Body) => IndexRange['greaterThan'],
  ): Promise<readonly Body[]>;
  count(collection: string, range: IndexRange): Promise<number>;
}

const pageLength = 500;

/** `liveBuild` names the live build, or gives undefined while there is none: every read is `read-model/behind` then. */
export const createModelReader = (documents: DocumentStore, liveBuild: () => string | undefined): ModelReader => {
  const reading = async <Result>(collection: string, read: (name: string) => Promise<Result>): Promise<Result> => {
    const build = liveBuild();
    if (build === undefined) throw new DomainError('read-model/behind');
    try {
      return await read(`${build}.${collection}`);
    } catch (error) {
      // Another process has dropped the build; this one will know of the next one shortly.
      if (error instanceof UnknownCollection) throw new DomainError('read-model/behind');
      throw error;
    }
  };
  const find = async <Body extends object>(collection: string, query: IndexQuery): Promise<readonly Body[]> => {
    const found = await reading(collection, (name) => documents.find<Body>(name, query));
    return found.map(({ body }) => body);
  };
  return {
    find,
    async get<Body extends object>(collection: string, id: string) {
      return (await reading(collection, (name) => documents.get<Body>(name, id)))?.body;
    },
    async getMany<Body extends object>(collection: string, ids: readonly string[]) {
      if (ids.length === 0) return new Map<string, Body>();
      const found = await reading(collection, (name) => documents.getMany<Body>(name, ids));
      return new Map(found.map(({ id, body }) => [id, body]));
    },
    async all<Body extends object>(
      collection: string,
      range: IndexRange,
      after: (last: Body) => IndexRange['greaterThan'],
    ) {
      const bodies: Body[] = [];
      for (let rest = range; ;) {
        const page = await find<Body>(collection, { ...rest, limit: pageLength });
        bodies.push(...page);
        const last = page.at(-1);
        if (last === undefined || page.length < pageLength) return bodies;
        const { atLeast: _, ...beyond } = rest;
        rest = { ...beyond, greaterThan: after(last) ?? [] };
      }
    },
    count: (collection, range) => reading(collection, (name) => documents.count(name, range)),
  };
};
