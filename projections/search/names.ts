import type { SearchDocument } from '../../ports/search-store.ts';
import { indexedNames } from '../../search/names.ts';
import { conversationOf, userOf, type Collection } from '../collection.ts';
import { labels, userGroup } from './labels.ts';

export const userNameKey = (userId: string): string => `user/${userId}`;
export const conversationNameKey = (conversationId: string): string => `conversation/${conversationId}`;

type Kept = SearchDocument['kept'];

const texts = (...kept: readonly (Kept[string] | undefined)[]): readonly string[] =>
  kept.filter((value) => typeof value === 'string');

const user = (at: string, kept: Kept): SearchDocument => ({
  ...indexedNames(texts(kept['username'], kept['displayName'])),
  labels: [],
  group: userGroup,
  seq: 1,
  author: '',
  at,
  kept,
});

const conversation = (group: string, at: string, kept: Kept): SearchDocument => ({
  ...indexedNames(texts(kept['name'])),
  labels: kept['kind'] === 'channel' && kept['closed'] !== true ? [labels.openChannel] : [],
  group,
  seq: 1,
  author: '',
  at,
  kept,
});

/** Names of users, groups and channels. Collection `names`, id `user/<userId>` or `conversation/<conversationId>`. */
export const names: Collection<SearchDocument> = {
  shape: { fields: [], indexes: [] },

  touches(event, place) {
    switch (event.type) {
      case 'UserRegistered':
      case 'ProfileChanged':
      case 'UserErased':
        return [userNameKey(userOf(place))];
      case 'ConversationStarted':
      case 'ConversationChanged':
      case 'ConversationClosed':
        return [conversationNameKey(conversationOf(place))];
      default:
        return [];
    }
  },

  evolve(document, event, place) {
    switch (event.type) {
      case 'UserRegistered': {
        const { username, displayName } = event.data.content;
        return user(event.data.at, { username, displayName });
      }
      case 'ConversationStarted': {
        const { kind, content, at } = event.data;
        return conversation(conversationOf(place), at, { kind, name: content.name });
      }
      default:
    }
    if (document === undefined) return undefined;
    const { group, at, kept } = document;
    switch (event.type) {
      case 'ProfileChanged': {
        const { displayName } = event.data.content;
        return displayName === undefined ? document : user(at, { ...kept, displayName });
      }
      case 'UserErased':
        return undefined;
      case 'ConversationChanged': {
        const name = event.data.content?.name;
        return name === undefined ? document : conversation(group, at, { ...kept, name });
      }
      case 'ConversationClosed':
        return conversation(group, at, { ...kept, closed: true });
      default:
        return document;
    }
  },
};
