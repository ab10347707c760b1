import { randomUUID } from 'node:crypto';
import type { CommandBus, Outcome } from '../commands/command-bus.ts';
import type { ContactCommand } from '../domain/contact/commands.ts';
import type { ContactEvent } from '../domain/contact/events.ts';
import { DomainError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { ActiveUser } from '../domain/user/decider.ts';
import type { Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Page } from '../schemas/common.ts';
import type { Block, Contact } from '../schemas/user.ts';
import type { Caller, Written } from './caller.ts';
import { invalid } from './problems.ts';
import { userView } from './views.ts';

export interface ContactOptions {
  readonly bus: CommandBus;
  readonly readModels: Pick<ReadModels, 'waitFor' | 'contacts' | 'profiles'>;
}

/** A part of a list that is ordered by user id; `from` is the one that the page before ended with. */
export interface Part {
  readonly from: UserId | undefined;
  readonly limit: number;
}

/** Refuses oneself as the other one (`request/invalid`) and who is not there (`user/not-found`). */
export interface ContactService {
  contacts(caller: Caller, part: Part, after: Position | undefined): Promise<Page<Contact>>;
  /** Requests, or accepts what the other one has requested. Throws `contact/blocked`. */
  put(caller: Caller, otherId: UserId): Promise<Written<Contact>>;
  remove(caller: Caller, otherId: UserId): Promise<Written<null>>;
  blocks(caller: Caller, part: Part, after: Position | undefined): Promise<Page<Block>>;
  block(caller: Caller, otherId: UserId): Promise<Written<Block>>;
  unblock(caller: Caller, otherId: UserId): Promise<Written<null>>;
}

export const createContactService = ({ bus, readModels }: ContactOptions): ContactService => {
  const ask = (caller: Caller, other: UserId, type: ContactCommand['type']): Promise<Outcome<ContactEvent>> =>
    bus.contact(caller.userId, other, {
      commandId: randomUUID(),
      actorId: caller.userId,
      command: { type, data: { other } },
    });

  const existing = async ({ userId }: Caller, otherId: UserId): Promise<ActiveUser> => {
    if (otherId === userId) throw invalid('params.userId', 'must be another user');
    const other = await bus.userState(otherId);
    if (other.status !== 'active') throw new DomainError('user/not-found');
    return other;
  };

  /** Ends something, also with one whose account is gone. */
  const end = async (
    caller: Caller,
    otherId: UserId,
    type: 'RemoveContact' | 'UnblockUser',
  ): Promise<Written<null>> => {
    if (otherId === caller.userId) throw invalid('params.userId', 'must be another user');
    const { status } = await bus.userState(otherId);
    if (status === 'absent') throw new DomainError('user/not-found');
    const { position } = await ask(caller, otherId, type);
    return { result: null, created: false, position };
  };

  const wait = async (after: Position | undefined): Promise<void> => {
    if (after !== undefined) await readModels.waitFor(['contacts', 'profiles'], after);
  };

  const page = <Found extends { readonly otherId: string }>(found: readonly Found[], limit: number) => {
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? (items.at(-1)?.otherId ?? null) : null };
  };

  return {
    async contacts({ userId }, { from, limit }, after) {
      await wait(after);
      const { items, next } = page(await readModels.contacts.contacts(userId, from, limit + 1), limit);
      const users = await readModels.profiles.users(items.map(({ otherId }) => otherId));
      const byId = new Map(users.map((user) => [user.userId, userView(user)]));
      const contacts = items.flatMap(({ otherId, state }) => {
        const user = byId.get(otherId);
        return user === undefined ? [] : [{ userId: otherId, state, user }];
      });
      return { items: contacts, next };
    },

    async put(caller, otherId) {
      const other = await existing(caller, otherId);
      const { events, position } = await ask(caller, otherId, 'PutContact');
      const { contact } = await bus.contactState(caller.userId, otherId);
      const state = contact?.state ?? 'requested';
      return {
        result: { userId: otherId, state, user: userView(other) },
        created: events.length > 0,
        position,
      };
    },

    remove: (caller, otherId) => end(caller, otherId, 'RemoveContact'),

    async blocks({ userId }, { from, limit }, after) {
      await wait(after);
      const { items, next } = page(await readModels.contacts.blocks(userId, from, limit + 1), limit);
      return { items: items.map(({ otherId, createdAt }) => ({ userId: otherId, createdAt })), next };
    },

    async block(caller, otherId) {
      await existing(caller, otherId);
      const { events, position } = await ask(caller, otherId, 'BlockUser');
      const [blocked] = events;
      if (blocked !== undefined) {
        return { result: { userId: otherId, createdAt: blocked.data.at }, created: true, position };
      }
      await readModels.waitFor(['contacts'], position);
      const block = await readModels.contacts.block(caller.userId, otherId);
      // Lifted again in this very moment by another device of the caller.
      if (block === undefined) throw new DomainError('server/unavailable');
      return { result: { userId: otherId, createdAt: block.createdAt }, created: false, position };
    },

    unblock: (caller, otherId) => end(caller, otherId, 'UnblockUser'),
  };
};
