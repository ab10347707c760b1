import { describe, it } from 'vitest';
import type { ConversationCommand } from '../../../domain/conversation/commands.ts';
import type { Role } from '../../../domain/conversation/values.ts';
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
  id,
  removed,
  roleChanged,
  sent,
  started,
} from './fixtures.ts';

const put = (userId: string, role?: Role): ConversationCommand => ({ type: 'PutMember', data: { userId, role } });
const remove = (userId: string): ConversationCommand => ({ type: 'RemoveMember', data: { userId } });
const erase = (userId: string): ConversationCommand => ({ type: 'RemoveErasedMember', data: { userId } });

describe('PutMember adds', () => {
  it('as a member, from the last message on', () =>
    given(started(), sent(id(1), 1))
      .when(put(eve), by(cat))
      .thenEvents(added(eve, { by: cat, joinedSeq: 1 })));
  it('nobody who is a member already, with no role or the same one', () => {
    given(started()).when(put(cat), by(dan)).thenNothing();
    given(started()).when(put(cat, 'member'), by(bob)).thenNothing();
    given(started(), closed()).when(put(cat), by(ann)).thenNothing();
  });
  it('nobody to a closed conversation', () =>
    given(started(), closed()).when(put(eve), by(ann)).thenRefused('conversation/closed'));
  it('nobody by a reader', () => given(started()).when(put(eve), by(dan)).thenRefused('auth/forbidden'));
  it('by admins only where that is set', () => {
    const opening = started({ settings: { whoMayAdd: 'admins' } });
    given(opening).when(put(eve), by(cat)).thenRefused('auth/forbidden');
    given(opening)
      .when(put(eve), by(bob))
      .thenEvents(added(eve, { by: bob }));
  });
  it('with a role up to one’s own', () => {
    given(started()).when(put(eve, 'admin'), by(cat)).thenRefused('auth/forbidden');
    given(started()).when(put(eve, 'owner'), by(bob)).thenRefused('auth/forbidden');
    given(started())
      .when(put(eve, 'admin'), by(bob))
      .thenEvents(added(eve, { by: bob, role: 'admin' }));
    given(started())
      .when(put(eve, 'owner'), by(ann))
      .thenEvents(added(eve, { by: ann, role: 'owner' }));
  });
  it('no more than the conversation may have', () =>
    given(started({ settings: { maxMembers: 4 } }))
      .when(put(eve), by(ann))
      .thenRefused('conversation/full'));
  it('nobody to a direct conversation', () => given(direct()).when(put(eve), by(ann)).thenRefused('auth/forbidden'));
  it('nobody by a stranger, who cannot see the conversation', () =>
    given(started()).when(put(eve), by(eve)).thenRefused('conversation/not-found'));
});

describe('PutMember joins a channel', () => {
  it('freely, as a member', () =>
    given(channel({ whoMayAdd: 'admins' }))
      .when(put(eve), by(eve))
      .thenEvents(added(eve, { by: eve })));
  it('but not with power', () => given(channel()).when(put(eve, 'admin'), by(eve)).thenRefused('auth/forbidden'));
  it('but not a closed one', () =>
    given(channel(), closed()).when(put(eve), by(eve)).thenRefused('conversation/closed'));
  it('but not a full one', () =>
    given(channel({ maxMembers: 4 }))
      .when(put(eve), by(eve))
      .thenRefused('conversation/full'));
  it('once', () => given(channel(), added(eve)).when(put(eve), by(eve)).thenNothing());
  it('again after leaving', () =>
    given(channel(), added(eve), removed(eve))
      .when(put(eve), by(eve))
      .thenEvents(added(eve, { by: eve })));
  it('not for someone else from outside', () =>
    given(channel()).when(put(cat, 'admin'), by(eve)).thenRefused('conversation/not-a-member'));
});

describe('PutMember changes a role', () => {
  it('of someone below', () =>
    given(started())
      .when(put(cat, 'admin'), by(bob))
      .thenEvents(roleChanged(cat, 'admin', bob)));
  it('once', () =>
    given(started(), roleChanged(cat, 'admin', bob))
      .when(put(cat, 'admin'), by(bob))
      .thenNothing());
  it('of nobody on the same height or above', () => {
    given(started(), roleChanged(cat, 'admin')).when(put(cat, 'member'), by(bob)).thenRefused('auth/forbidden');
    given(started()).when(put(ann, 'member'), by(bob)).thenRefused('auth/forbidden');
    given(started(), roleChanged(bob, 'owner')).when(put(bob, 'member'), by(ann)).thenRefused('auth/forbidden');
  });
  it('never to one above one’s own', () => {
    given(started()).when(put(cat, 'owner'), by(bob)).thenRefused('auth/forbidden');
    given(started()).when(put(bob, 'owner'), by(bob)).thenRefused('auth/forbidden');
    given(started()).when(put(dan, 'member'), by(dan)).thenRefused('auth/forbidden');
  });
  it('to owner by an owner', () =>
    given(started())
      .when(put(bob, 'owner'), by(ann))
      .thenEvents(roleChanged(bob, 'owner', ann)));
  it('of oneself downwards', () =>
    given(started())
      .when(put(bob, 'reader'), by(bob))
      .thenEvents(roleChanged(bob, 'reader', bob)));
  it('of an owner while another one is there', () =>
    given(started(), roleChanged(bob, 'owner'))
      .when(put(ann, 'member'), by(ann))
      .thenEvents(roleChanged(ann, 'member')));
  it('not of the last owner', () =>
    given(started()).when(put(ann, 'admin'), by(ann)).thenRefused('conversation/last-owner'));
  it('not in a direct conversation', () =>
    given(direct()).when(put(bob, 'reader'), by(ann)).thenRefused('auth/forbidden'));
  it('not in a closed conversation', () =>
    given(started(), closed()).when(put(cat, 'admin'), by(ann)).thenRefused('conversation/closed'));
});

describe('RemoveMember', () => {
  it('removes someone below', () => given(started()).when(remove(cat), by(bob)).thenEvents(removed(cat, bob)));
  it('has no further effect when repeated', () =>
    given(started(), removed(cat, bob)).when(remove(cat), by(bob)).thenNothing());
  it('does not remove someone on the same height or above', () => {
    given(started()).when(remove(ann), by(bob)).thenRefused('auth/forbidden');
    given(started(), roleChanged(bob, 'owner')).when(remove(bob), by(ann)).thenRefused('auth/forbidden');
    given(started(), added(eve)).when(remove(eve), by(cat)).thenRefused('auth/forbidden');
  });
  it('lets everyone leave', () => given(started()).when(remove(dan), by(dan)).thenEvents(removed(dan)));
  it('does not exist for one who has left', () =>
    given(started(), removed(cat)).when(remove(cat), by(cat)).thenRefused('conversation/not-found'));
  it('is for members only where one has left a channel', () =>
    given(channel(), removed(cat)).when(remove(cat), by(cat)).thenRefused('conversation/not-a-member'));
  it('does not let the last owner leave while others are there', () =>
    given(started()).when(remove(ann), by(ann)).thenRefused('conversation/last-owner'));
  it('lets an owner leave another one', () =>
    given(started(), roleChanged(bob, 'owner')).when(remove(ann), by(ann)).thenEvents(removed(ann)));
  it('closes what the last member leaves', () =>
    given(started({ members: { [ann]: 'owner' } }))
      .when(remove(ann), by(ann))
      .thenEvents(removed(ann), closed(ann)));
  it('is refused in a direct conversation', () => {
    given(direct()).when(remove(ann), by(ann)).thenRefused('auth/forbidden');
    given(direct()).when(remove(bob), by(ann)).thenRefused('auth/forbidden');
  });
  it('is refused after closing', () =>
    given(started(), closed()).when(remove(cat), by(cat)).thenRefused('conversation/closed'));
});

describe('RemoveErasedMember', () => {
  it('passes what only he owned to the longest-standing admin', () =>
    given(started(), added(eve, { role: 'admin' }), roleChanged(cat, 'admin'))
      .when(erase(ann), by('system'))
      .thenEvents(roleChanged(bob, 'owner'), removed(ann)));
  it('else to the longest-standing member, not to a reader before him', () =>
    given(started({ members: { [ann]: 'owner', [dan]: 'reader', [cat]: 'member' } }), added(eve))
      .when(erase(ann), by('system'))
      .thenEvents(roleChanged(cat, 'owner'), removed(ann)));
  it('counts from the last joining', () =>
    given(started({ members: { [ann]: 'owner', [cat]: 'member' } }), added(eve), removed(cat), added(cat))
      .when(erase(ann), by('system'))
      .thenEvents(roleChanged(eve, 'owner'), removed(ann)));
  it('passes it to a reader where nobody else is there', () =>
    given(started({ members: { [ann]: 'owner', [dan]: 'reader' } }))
      .when(erase(ann), by('system'))
      .thenEvents(roleChanged(dan, 'owner'), removed(ann)));
  it('passes nothing while another owner is there', () =>
    given(started(), roleChanged(bob, 'owner')).when(erase(ann), by('system')).thenEvents(removed(ann)));
  it('removes a member who owned nothing', () =>
    given(started()).when(erase(cat), by('system')).thenEvents(removed(cat)));
  it('closes what the last member owned', () =>
    given(started({ members: { [ann]: 'owner' } }))
      .when(erase(ann), by('system'))
      .thenEvents(removed(ann), closed(ann)));
  it('leaves a direct conversation to the other', () => {
    given(direct()).when(erase(ann), by('system')).thenEvents(removed(ann));
    given(direct(), removed(bob)).when(erase(ann), by('system')).thenEvents(removed(ann));
  });
  it('leaves a closed conversation', () =>
    given(started(), closed()).when(erase(ann), by('system')).thenEvents(removed(ann)));
  it('has no further effect when repeated', () => {
    given(started(), removed(cat)).when(erase(cat), by('system')).thenNothing();
    given().when(erase(cat), by('system')).thenNothing();
  });
});
