import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import {
  added,
  ann,
  bob,
  by,
  cat,
  channel,
  closed,
  dan,
  direct,
  eve,
  given,
  oldId,
  removed,
  roleChanged,
  started,
  time,
} from './fixtures.ts';

const inviteId = oldId(1);
const create = (expiresAt = time(60)): ConversationCommand => ({
  type: 'CreateInvite',
  data: { inviteId, expiresAt, maxUses: 1 },
});
const withdraw: ConversationCommand = { type: 'WithdrawInvite', data: { inviteId } };
const accept: ConversationCommand = { type: 'AcceptInvite', data: { inviteId } };

const created = (by = cat, maxUses: number | null = 1): ConversationEvent => ({
  type: 'InviteCreated',
  data: { inviteId, by, expiresAt: time(60), maxUses, at: time(1) },
});
const withdrawn = (by = cat): ConversationEvent => ({ type: 'InviteWithdrawn', data: { inviteId, by, at: time(1) } });
const joined = (userId: string): ConversationEvent => added(userId, { by: userId, inviteId });

describe('CreateInvite', () => {
  it('is for who may add', () => given(started()).when(create(), by(cat)).thenEvents(created()));
  it('has no further effect when repeated', () =>
    given(started(), created(), closed()).when(create(), by(cat)).thenNothing());
  it('is refused for a reader', () => given(started()).when(create(), by(dan)).thenRefused('auth/forbidden'));
  it('is refused for members where only admins add', () =>
    given(started({ settings: { whoMayAdd: 'admins' } }))
      .when(create(), by(cat))
      .thenRefused('auth/forbidden'));
  it('is refused in a direct conversation', () =>
    given(direct()).when(create(), by(ann)).thenRefused('auth/forbidden'));
  it('is refused after closing', () =>
    given(started(), closed()).when(create(), by(ann)).thenRefused('conversation/closed'));
  it('is refused once expired', () =>
    given(started())
      .when(create(time(1)), by(cat, 1))
      .thenRefused('request/invalid'));
  it('does not exist for a stranger', () =>
    given(started()).when(create(), by(eve)).thenRefused('conversation/not-found'));
});

describe('WithdrawInvite', () => {
  it.each([
    ['its maker', cat],
    ['an admin', bob],
    ['an owner', ann],
  ])('is for %s', (_, actor) => given(started(), created()).when(withdraw, by(actor)).thenEvents(withdrawn(actor)));
  it('is for its maker also as a reader', () =>
    given(started(), created(), roleChanged(cat, 'reader')).when(withdraw, by(cat)).thenEvents(withdrawn()));
  it('is refused for others', () => {
    given(started(), created()).when(withdraw, by(dan)).thenRefused('auth/forbidden');
    given(started(), created(bob)).when(withdraw, by(cat)).thenRefused('auth/forbidden');
  });
  it('has no further effect when repeated', () =>
    given(started(), created(), withdrawn()).when(withdraw, by(cat)).thenNothing());
  it('does not find one that never was', () =>
    given(started()).when(withdraw, by(ann)).thenRefused('invite/not-found'));
  it('does not find one that has expired', () =>
    given(started(), created()).when(withdraw, by(cat, 60)).thenRefused('invite/not-found'));
  it('is refused after closing', () =>
    given(started(), created(), closed()).when(withdraw, by(cat)).thenRefused('conversation/closed'));
});

describe('AcceptInvite', () => {
  it('lets a stranger in as a member', () => given(started(), created()).when(accept, by(eve)).thenEvents(joined(eve)));
  it('lets him in to a channel as well', () =>
    given(channel(), created()).when(accept, by(eve)).thenEvents(joined(eve)));
  it('has no further effect for a member, also of the last use', () => {
    given(started(), created(), joined(eve)).when(accept, by(eve)).thenNothing();
    given(started(), created()).when(accept, by(ann)).thenNothing();
  });
  it('lets a former member come back', () =>
    given(started(), created(cat, null), joined(eve), removed(eve)).when(accept, by(eve)).thenEvents(joined(eve)));
  it('does not find one that never was', () => {
    given(started()).when(accept, by(eve)).thenRefused('invite/not-found');
    given().when(accept, by(eve)).thenRefused('invite/not-found');
  });
  it('does not find one that is used up', () =>
    given(started(), created(), joined(eve), removed(eve)).when(accept, by(eve)).thenRefused('invite/not-found'));
  it('does not find one that was withdrawn', () =>
    given(started(), created(), withdrawn()).when(accept, by(eve)).thenRefused('invite/not-found'));
  it('finds one until it expires', () => {
    given(started(), created())
      .when(accept, by(eve, 59))
      .thenEvents(added(eve, { by: eve, inviteId, at: time(59) }));
    given(started(), created()).when(accept, by(eve, 60)).thenRefused('invite/not-found');
  });
  it('is refused when the conversation is full', () =>
    given(started({ settings: { maxMembers: 4 } }), created())
      .when(accept, by(eve))
      .thenRefused('conversation/full'));
  it('is refused after closing', () =>
    given(started(), created(), closed()).when(accept, by(eve)).thenRefused('conversation/closed'));
});
