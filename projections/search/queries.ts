import { DomainError } from '../../domain/errors.ts';
import { UnknownCollection } from '../../ports/document-store.ts';
import type { SearchQuery, SearchResult, SearchStore } from '../../ports/search-store.ts';
import type { SearchQueries } from '../queries.ts';

/** `liveBuild` names the live build, or gives undefined while there is none: every search is `read-model/behind` then. */
export const createSearchQueries = (store: SearchStore, liveBuild: () => string | undefined): SearchQueries => {
  const searching = async (collection: string, query: SearchQuery): Promise<SearchResult> => {
    const build = liveBuild();
    if (build === undefined) throw new DomainError('read-model/behind');
    try {
      return await store.search(`${build}.${collection}`, query);
    } catch (error) {
      // Another process has dropped the build; this one will know of the next one shortly.
      if (error instanceof UnknownCollection) throw new DomainError('read-model/behind');
      throw error;
    }
  };
  return {
    messages: (query) => searching('messages', query),
    names: (query) => searching('names', query),
  };
};
