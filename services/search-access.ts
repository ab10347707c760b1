import { directConversationId, Uuid, type ConversationId, type UserId } from '../domain/ids.ts';
import type { VisibleGroup } from '../ports/search-store.ts';
import type { ConversationDocument } from '../projections/feed/documents.ts';
import { visibleAfter } from '../projections/feed/floor.ts';
import { foldedKey } from '../projections/folding.ts';
import type { ReadModels } from '../projections/queries.ts';
import { userNamed } from './search-users.ts';

export interface Scope {
  /** Conversations as clients name them; none: all that the caller is in. */
  readonly in: readonly string[];
  readonly notIn: readonly string[];
  /** `open`: channels that the caller could join, too. */
  readonly channels: 'joined' | 'open';
}

type Reads = Pick<ReadModels, 'feed' | 'profiles'>;

const pageLength = 500;
const isId = (name: string): boolean => Uuid.safeParse(name).success;

/** Open channels in which whoever joins could read everything. */
const isOpen = ({ channelKey, settings }: ConversationDocument): boolean =>
  channelKey !== null && settings.history === 'all';

const openChannels = async ({ feed }: Reads, prefix: string): Promise<readonly ConversationDocument[]> => {
  const found: ConversationDocument[] = [];
  for (let after: readonly [string, string] | undefined; ;) {
    const page = await feed.channels(prefix, after, pageLength);
    found.push(...page.filter(isOpen));
    const last = page.at(-1);
    if (last === undefined || page.length < pageLength) return found;
    after = [last.channelKey ?? '', last.conversationId];
  }
};

/** Whether a name as a client writes it (an id, `@user` for the direct conversation, `#name` or a name) means this one. */
const namedBy = async (
  reads: Reads,
  userId: UserId,
  names: readonly string[],
): Promise<(conversation: ConversationDocument) => boolean> => {
  const ids = new Set<ConversationId>(names.filter(isId));
  for (const name of names.filter((each) => each.startsWith('@'))) {
    const other = await userNamed(reads, userId, name);
    if (other !== undefined) ids.add(directConversationId(userId, other));
  }
  const keys = new Set(names.map((name) => foldedKey(name.replace(/^#/, ''))));
  return ({ conversationId, name }) => ids.has(conversationId) || (name !== null && keys.has(foldedKey(name)));
};

const requestedChannels = async (
  reads: Reads,
  { in: names, channels }: Scope,
): Promise<readonly ConversationDocument[]> => {
  if (channels === 'open') return await openChannels(reads, '');
  const byId = await reads.feed.conversations(names.filter(isId));
  const byName = await Promise.all(
    names
      .filter((name) => !isId(name) && !name.startsWith('@'))
      .map((name) => openChannels(reads, name.replace(/^#/, ''))),
  );
  return [...byId, ...byName.flat()].filter(isOpen);
};

/**
 * What the caller may see, as it is now: the conversations he is in, from where his history begins, and open channels
 * where he asks for them. Naming one asks for it. What he may not see is as if it did not exist.
 */
export const visibleTo = async (reads: Reads, userId: UserId, scope: Scope): Promise<readonly VisibleGroup[]> => {
  const isNamed = scope.in.length === 0 ? () => true : await namedBy(reads, userId, scope.in);
  const isExcluded = scope.notIn.length === 0 ? () => false : await namedBy(reads, userId, scope.notIn);
  const isWanted = (conversation: ConversationDocument): boolean => isNamed(conversation) && !isExcluded(conversation);
  const groups = new Map<ConversationId, number>();
  for (const channel of await requestedChannels(reads, scope)) {
    if (isWanted(channel)) groups.set(channel.conversationId, 0);
  }
  for (const { member, conversation } of await reads.feed.memberships(userId)) {
    if (isWanted(conversation)) groups.set(conversation.conversationId, visibleAfter(conversation, member));
  }
  return [...groups].map(([group, afterSeq]) => ({ group, afterSeq }));
};
