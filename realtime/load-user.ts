import { DomainError } from '../domain/errors.ts';
import { parseStream } from '../domain/ids.ts';
import type { Position } from '../ports/event-store.ts';
import type { LoggedEvent } from '../projections/projection.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { MembershipOf } from './listeners.ts';

const mostAttempts = 100;

export interface UserLoad {
  readonly hidesReads: boolean;
  readonly memberships: readonly MembershipOf[];
}

export interface LoadUserOptions {
  readonly userId: string;
  readonly hub: {
    readonly status: { readonly position: Position };
    when<Result>(condition: () => boolean, work: () => Result): Promise<Result>;
  };
  readonly models: ReadModels;
  readonly head: () => Promise<Position>;
  /** Shows every event that the hub passes. */
  readonly witness: (listener: (logged: LoggedEvent) => void) => Disposable;
  /** Called between two batches; what was found is true exactly there. */
  readonly found: (load: UserLoad) => void;
}

/**
 * Reads which conversations a user listens to, as of the hub's own position. Read models may be ahead of the hub, so
 * the hub first passes everything they can have shown; if it meets an event on the way that changes the answer, the
 * reading starts again.
 */
export const loadUser = async ({ userId, hub, models, head, witness, found }: LoadUserOptions): Promise<void> => {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    let changed = false;
    using _ = witness((logged) => {
      changed ||= changesListening(userId, logged);
    });
    await models.waitFor(['feed', 'profiles'], hub.status.position);
    const [profile, memberships] = [await models.profiles.user(userId), await models.feed.memberships(userId)];
    const newest = await head();
    const load: UserLoad = {
      hidesReads: profile?.privacy.readReceipts === false,
      memberships: memberships.map(({ conversation, member }) => ({
        conversationId: member.conversationId,
        sinceJoining: conversation.settings.history === 'since-joining',
        joinedSeq: member.joinedSeq,
        clearedSeq: member.clearedSeq,
        lastHiddenSeq: member.lastHiddenSeq,
      })),
    };
    const isDone = await hub.when(
      () => hub.status.position >= newest,
      () => {
        if (!changed) found(load);
        return !changed;
      },
    );
    if (isDone) return;
  }
  throw new DomainError('read-model/behind');
};

const changesListening = (userId: string, { stream, event }: LoggedEvent): boolean => {
  switch (event.type) {
    case 'ConversationStarted':
      return event.data.members.some((member) => member.userId === userId);
    case 'ConversationChanged':
      return event.data.settings !== undefined;
    case 'MemberAdded':
    case 'MemberRemoved':
    case 'HistoryCleared':
    case 'MessageHidden':
      return event.data.userId === userId;
    case 'PrivacyChanged':
      return parseStream(stream).id === userId;
    default:
      return false;
  }
};
