import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../domain/catalog.ts';
import { defaultNotifications, defaultPrivacy } from '../../domain/user/values.ts';
import { contactBook } from '../../projections/contacts/projection.ts';
import { deviceList } from '../../projections/devices/projection.ts';
import { profiles } from '../../projections/profiles/projection.ts';
import type { Projection } from '../../projections/projection.ts';
import { ann, at, ben, id } from './support/facts.ts';
import { logged } from './support/log.ts';
import { bodiesOf, project } from './support/project.ts';

const after = (projection: Projection, collection: string, stream: string, events: readonly DomainEvent[]) =>
  bodiesOf(project(projection, logged(events.map((event) => ({ stream, event })))), collection);

describe('profiles', () => {
  const users = (...events: readonly DomainEvent[]) => after(profiles, 'users', `user-${ann}`, events);
  const registered: DomainEvent = {
    type: 'UserRegistered',
    data: { userId: ann, content: { username: 'ann', displayName: 'Ánn Ⅷ' }, at: at(0) },
  };
  const user = {
    userId: ann,
    username: 'ann',
    displayName: 'Ánn Ⅷ',
    displayNameKey: 'ann viii',
    statusText: '',
    timeZone: null,
    avatarMediaId: null,
    createdAt: at(0),
    privacy: defaultPrivacy,
    notifications: defaultNotifications,
    platformRoles: [],
  };

  it('begin with the defaults', () => {
    expect(users(registered)).toEqual({ [ann]: user });
  });

  it('take what a change gives and keep the rest', () => {
    const privacy = { ...defaultPrivacy, readReceipts: false };
    const notifications = { enabled: false, preview: false };
    expect(
      users(
        registered,
        { type: 'ProfileChanged', data: { content: { displayName: 'Ann', timeZone: 'Europe/Rome' }, at: at(1) } },
        { type: 'ProfileChanged', data: { content: { statusText: 'away' }, avatarMediaId: id(7), at: at(1) } },
        { type: 'PrivacyChanged', data: { privacy, at: at(1) } },
        { type: 'NotificationsChanged', data: { notifications, at: at(1) } },
        { type: 'PlatformRoleGranted', data: { role: 'auditor', at: at(1) } },
        { type: 'PlatformRoleGranted', data: { role: 'analyst', at: at(1) } },
        { type: 'PlatformRoleWithdrawn', data: { role: 'auditor', at: at(1) } },
      ),
    ).toEqual({
      [ann]: {
        ...user,
        displayName: 'Ann',
        displayNameKey: 'ann',
        statusText: 'away',
        timeZone: 'Europe/Rome',
        avatarMediaId: id(7),
        privacy,
        notifications,
        platformRoles: ['analyst'],
      },
    });
  });

  it('are gone once the account is erased', () => {
    expect(users(registered, { type: 'UserErased', data: { at: at(1) } })).toEqual({});
  });
});

describe('contacts', () => {
  const [by, other] = [ann, ben];
  const stream = `contact-${ann}_${ben}`;
  const request: DomainEvent = { type: 'ContactRequested', data: { by, other, at: at(1) } };

  it('show a request on both sides until it is accepted', () => {
    expect(after(contactBook, 'contacts', stream, [request])).toEqual({
      [`${ann}/${ben}`]: { userId: ann, otherId: ben, state: 'requested', since: at(1) },
      [`${ben}/${ann}`]: { userId: ben, otherId: ann, state: 'incoming', since: at(1) },
    });
    const accept: DomainEvent = { type: 'ContactAccepted', data: { by: ben, other: ann, at: at(2) } };
    expect(after(contactBook, 'contacts', stream, [request, accept])).toEqual({
      [`${ann}/${ben}`]: { userId: ann, otherId: ben, state: 'accepted', since: at(2) },
      [`${ben}/${ann}`]: { userId: ben, otherId: ann, state: 'accepted', since: at(2) },
    });
  });

  it('end on both sides', () => {
    const remove: DomainEvent = { type: 'ContactRemoved', data: { by: ben, other: ann, at: at(3) } };
    expect(after(contactBook, 'contacts', stream, [request, remove])).toEqual({});
  });

  it('know who has blocked whom', () => {
    const block: DomainEvent = { type: 'UserBlocked', data: { by, other, at: at(1) } };
    const blocked = { [`${ann}/${ben}`]: { userId: ann, otherId: ben, createdAt: at(1) } };
    expect(after(contactBook, 'blocks', stream, [block])).toEqual(blocked);
    const unblock: DomainEvent = { type: 'UserUnblocked', data: { by, other, at: at(2) } };
    expect(after(contactBook, 'blocks', stream, [block, unblock])).toEqual({});
  });
});

describe('devices', () => {
  const devices = (...events: readonly DomainEvent[]) => after(deviceList, 'devices', `user-${ann}`, events);
  const add = (name: string, seconds: number): DomainEvent => ({
    type: 'DeviceAdded',
    data: { deviceId: id(9), content: { name }, platform: 'linux', at: at(seconds) },
  });

  it('keep the time of their first login and the name of their last', () => {
    expect(devices(add('Laptop', 1), add('Old laptop', 2))).toEqual({
      [`${ann}/${id(9)}`]: { userId: ann, deviceId: id(9), name: 'Old laptop', platform: 'linux', createdAt: at(1) },
    });
  });

  it('are gone when they are signed out', () => {
    const remove: DomainEvent = { type: 'DeviceRemoved', data: { deviceId: id(9), reason: 'revoked', at: at(2) } };
    expect(devices(add('Laptop', 1), remove)).toEqual({});
  });
});
