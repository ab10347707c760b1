import type { Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Conversation } from '../schemas/conversation.ts';
import type { FoundMessages, MessageSearch, NameSearch } from '../schemas/search.ts';
import type { User } from '../schemas/user.ts';
import type { Caller } from './caller.ts';
import { searchMessages } from './search-messages.ts';
import { searchChannels, searchConversations, searchUsers } from './search-names.ts';

/** Only what the caller may see is found, counted or told of. Throws `search/empty` where there is nothing to search for. */
export interface SearchService {
  messages(caller: Caller, request: MessageSearch): Promise<FoundMessages>;
  users(request: NameSearch): Promise<Page<User>>;
  conversations(caller: Caller, request: NameSearch): Promise<Page<Conversation>>;
  channels(caller: Caller, request: NameSearch): Promise<Page<Conversation>>;
  /** Resolves once everything that is read for a search has passed the position. Throws `read-model/behind`. */
  caughtUp(position: Position | undefined): Promise<void>;
}

export const createSearchService = (reads: ReadModels): SearchService => ({
  messages: (caller, request) => searchMessages(reads, caller, request),
  users: (request) => searchUsers(reads, request),
  conversations: (caller, request) => searchConversations(reads, caller, request),
  channels: (caller, request) => searchChannels(reads, caller, request),
  async caughtUp(position) {
    if (position !== undefined) await reads.waitFor(['search', 'timeline', 'feed', 'profiles'], position);
  },
});
