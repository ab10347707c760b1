import { describe, it, expect } from 'vitest';
import { fold, type Context } from '../../../domain/decider.ts';
import { user } from '../../../domain/user/decider.ts';
import type { UserEvent } from '../../../domain/user/events.ts';
import { defaultNotifications, defaultPrivacy } from '../../../domain/user/values.ts';
import { scenario } from '../../dsl/given.ts';

const { given } = scenario(user);
const [ann, phone] = ['019b0000-0000-4000-8000-000000000001', '019b0000-0000-4000-8000-0000000000d1'];
const avatar = '019b0000-0000-4000-8000-0000000000ed';
const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-02T00:00:00.000Z';
const context: Context = { actorId: ann, at: later };

const registered: UserEvent = {
  type: 'UserRegistered',
  data: { userId: ann, content: { username: 'ann', displayName: 'Ann' }, at },
};
const erased: UserEvent = { type: 'UserErased', data: { at } };
const added: UserEvent = {
  type: 'DeviceAdded',
  data: { deviceId: phone, content: { name: 'Phone' }, platform: 'ios', at },
};
const register = (username: string) =>
  ({ type: 'RegisterUser', data: { userId: ann, username, displayName: 'Ann' } }) as const;
const add = (name: string, platform: string | null = 'ios') =>
  ({ type: 'AddDevice', data: { deviceId: phone, name, platform } }) as const;
const remove = { type: 'RemoveDevice', data: { deviceId: phone, reason: 'revoked' } } as const;
const erase = { type: 'EraseUser', data: {} } as const;

describe('a user', () => {
  it('registers once', () => {
    given()
      .when(register('ann'), context)
      .thenEvents({ ...registered, data: { ...registered.data, at: later } });
    given(registered).when(register('ann'), context).thenNothing();
    given(registered).when(register('eve'), context).thenRefused('user/name-taken');
    given(registered, erased).when(register('ann'), context).thenRefused('user/not-found');
  });

  it('changes of the profile only what is different', () => {
    const change = { displayName: 'Ann', statusText: 'Digging', timeZone: null, avatarMediaId: avatar };
    given(registered)
      .when({ type: 'ChangeProfile', data: change }, context)
      .thenEvents({
        type: 'ProfileChanged',
        data: { content: { statusText: 'Digging' }, avatarMediaId: avatar, at: later },
      });
    given(registered)
      .when({ type: 'ChangeProfile', data: { displayName: 'Ann', timeZone: null, avatarMediaId: null } }, context)
      .thenNothing();
    given(registered)
      .when({ type: 'ChangeProfile', data: { avatarMediaId: avatar } }, context)
      .thenEvents({ type: 'ProfileChanged', data: { content: {}, avatarMediaId: avatar, at: later } });
  });

  it('states privacy and notifications whole', () => {
    given(registered)
      .when(
        { type: 'ChangeProfile', data: { privacy: { readReceipts: false }, notifications: { preview: false } } },
        context,
      )
      .thenEvents(
        { type: 'PrivacyChanged', data: { privacy: { ...defaultPrivacy, readReceipts: false }, at: later } },
        {
          type: 'NotificationsChanged',
          data: { notifications: { ...defaultNotifications, preview: false }, at: later },
        },
      );
    given(registered)
      .when({ type: 'ChangeProfile', data: { privacy: { lastSeen: 'everyone' } } }, context)
      .thenNothing();
  });

  it('adds a device, and again when its name or platform is another', () => {
    const again = (name: string, platform: string | null): UserEvent => ({
      type: 'DeviceAdded',
      data: { deviceId: phone, content: { name }, platform, at: later },
    });
    given(registered).when(add('Phone'), context).thenEvents(again('Phone', 'ios'));
    given(registered, added).when(add('Phone'), context).thenNothing();
    given(registered, added).when(add('Old phone'), context).thenEvents(again('Old phone', 'ios'));
    given(registered, added).when(add('Phone', null), context).thenEvents(again('Phone', null));
  });

  it('removes a device once', () => {
    const removed: UserEvent = { type: 'DeviceRemoved', data: { deviceId: phone, reason: 'revoked', at: later } };
    given(registered, added).when(remove, context).thenEvents(removed);
    given(registered, added, removed).when(remove, context).thenNothing();
    given(registered, added, removed)
      .when(add('Phone'), context)
      .thenEvents({ ...added, data: { ...added.data, at: later } });
  });

  it('has platform roles granted and withdrawn, each once', () => {
    const granted: UserEvent = { type: 'PlatformRoleGranted', data: { role: 'auditor', at: later } };
    const withdrawn: UserEvent = { type: 'PlatformRoleWithdrawn', data: { role: 'auditor', at: later } };
    const grant = { type: 'GrantPlatformRole', data: { role: 'auditor' } } as const;
    const withdraw = { type: 'WithdrawPlatformRole', data: { role: 'auditor' } } as const;
    given(registered).when(grant, context).thenEvents(granted);
    given(registered, granted).when(grant, context).thenNothing();
    given(registered, granted).when(withdraw, context).thenEvents(withdrawn);
    given(registered, granted, withdrawn).when(withdraw, context).thenNothing();
    given(registered, granted, withdrawn).when(grant, context).thenEvents(granted);
  });

  it('is erased for good', () => {
    given(registered)
      .when(erase, context)
      .thenEvents({ type: 'UserErased', data: { at: later } });
    given(registered, erased).when(erase, context).thenNothing();
    given(registered, erased).when(add('Phone'), context).thenRefused('user/not-found');
    given(registered, erased).when({ type: 'ChangeProfile', data: {} }, context).thenRefused('user/not-found');
    expect(fold(user, [registered, added, erased])).toEqual({ status: 'erased', userId: ann, lastAt: at });
  });

  it('cannot do anything before registering', () => {
    for (const command of [erase, remove, add('Phone'), { type: 'ChangeProfile', data: {} } as const]) {
      given().when(command, context).thenRefused('user/not-found');
    }
  });

  it('keeps all that was said about it', () => {
    const state = fold(user, [
      registered,
      added,
      { type: 'ProfileChanged', data: { content: { timeZone: 'Europe/Oslo' }, avatarMediaId: avatar, at } },
      { type: 'ProfileChanged', data: { content: { statusText: 'Digging' }, at } },
      { type: 'DeviceAdded', data: { deviceId: phone, content: { name: 'Old phone' }, platform: null, at: later } },
    ]);
    expect(state).toMatchObject({
      status: 'active',
      username: 'ann',
      displayName: 'Ann',
      statusText: 'Digging',
      timeZone: 'Europe/Oslo',
      avatarMediaId: avatar,
      lastAt: later,
    });
    const { devices } = state as Extract<typeof state, { status: 'active' }>;
    expect(devices.toJS()).toEqual({ [phone]: { name: 'Old phone', platform: null, addedAt: at } });
  });
});
