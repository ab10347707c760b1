import { Map, Set } from 'immutable';
import type { Context, Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import type { DeviceId, Timestamp, UserId } from '../ids.ts';
import { unreachable } from '../unreachable.ts';
import type { UserCommand } from './commands.ts';
import type { UserEvent } from './events.ts';
import { defaultNotifications, defaultPrivacy, type Notifications, type PlatformRole, type Privacy } from './values.ts';

export interface UserDevice {
  readonly name: string;
  readonly platform: string | null;
  readonly addedAt: Timestamp;
}

export interface ActiveUser {
  readonly status: 'active';
  readonly userId: UserId;
  readonly username: string;
  readonly displayName: string;
  readonly statusText: string;
  readonly timeZone: string | null;
  readonly avatarMediaId: string | null;
  readonly privacy: Privacy;
  readonly notifications: Notifications;
  /** In no particular order. */
  readonly devices: Map<DeviceId, UserDevice>;
  readonly platformRoles: Set<PlatformRole>;
  readonly createdAt: Timestamp;
  readonly lastAt: Timestamp;
}

/** An erased user keeps nothing but the bare id, and stays erased. */
export type UserState =
  | { readonly status: 'absent' }
  | ActiveUser
  | { readonly status: 'erased'; readonly userId: UserId; readonly lastAt: Timestamp };

type DataOf<Type extends UserCommand['type']> = Extract<UserCommand, { type: Type }>['data'];

/** The given fields whose values differ from the present ones; undefined when none does. */
const changes = <Whole extends object>(
  present: Whole,
  given: { readonly [Field in keyof Whole]?: Whole[Field] | undefined },
): Partial<Whole> | undefined => {
  const changed = (Object.keys(given) as (keyof Whole)[]).filter(
    (field) => given[field] !== undefined && given[field] !== present[field],
  );
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((field) => [field, given[field]])) as Partial<Whole>;
};

const register = (
  { userId, username, displayName }: DataOf<'RegisterUser'>,
  state: UserState,
  { at }: Context,
): readonly UserEvent[] => {
  if (state.status === 'erased') throw new DomainError('user/not-found');
  if (state.status === 'absent') {
    return [{ type: 'UserRegistered', data: { userId, content: { username, displayName }, at } }];
  }
  if (state.username !== username) throw new DomainError('user/name-taken');
  return [];
};

const changeProfile = (
  { displayName, statusText, timeZone, avatarMediaId, privacy, notifications }: DataOf<'ChangeProfile'>,
  user: ActiveUser,
  { at }: Context,
): readonly UserEvent[] => {
  const events: UserEvent[] = [];
  const content = changes<Pick<ActiveUser, 'displayName' | 'statusText' | 'timeZone'>>(user, {
    displayName,
    statusText,
    timeZone,
  });
  const avatar = changes<Pick<ActiveUser, 'avatarMediaId'>>(user, { avatarMediaId });
  if (content !== undefined || avatar !== undefined) {
    events.push({ type: 'ProfileChanged', data: { content: content ?? {}, ...avatar, at } });
  }
  if (changes(user.privacy, privacy ?? {}) !== undefined) {
    events.push({ type: 'PrivacyChanged', data: { privacy: { ...user.privacy, ...defined(privacy) }, at } });
  }
  if (changes(user.notifications, notifications ?? {}) !== undefined) {
    const whole = { ...user.notifications, ...defined(notifications) };
    events.push({ type: 'NotificationsChanged', data: { notifications: whole, at } });
  }
  return events;
};

/** A field that is present but undefined says nothing, and must not overwrite. */
const defined = <Fields extends object>(fields: Fields | undefined): Fields =>
  Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Fields;

const addDevice = (
  { deviceId, name, platform }: DataOf<'AddDevice'>,
  user: ActiveUser,
  { at }: Context,
): readonly UserEvent[] => {
  const known = user.devices.get(deviceId);
  if (known !== undefined && known.name === name && known.platform === platform) return [];
  return [{ type: 'DeviceAdded', data: { deviceId, content: { name }, platform, at } }];
};

/**
 * A person's account: profile, privacy, devices and platform roles. Who may ask for what is the caller's business;
 * that a username belongs to one user only, the credential store's.
 */
export const user: Decider<UserState, UserCommand, UserEvent> = {
  initialState: { status: 'absent' },

  decide(command, state, context) {
    const { at } = context;
    if (command.type === 'RegisterUser') return register(command.data, state, context);
    if (command.type === 'EraseUser' && state.status === 'erased') return [];
    if (state.status !== 'active') throw new DomainError('user/not-found');
    switch (command.type) {
      case 'ChangeProfile':
        return changeProfile(command.data, state, context);
      case 'AddDevice':
        return addDevice(command.data, state, context);
      case 'RemoveDevice': {
        const { deviceId, reason } = command.data;
        return state.devices.has(deviceId) ? [{ type: 'DeviceRemoved', data: { deviceId, reason, at } }] : [];
      }
      case 'GrantPlatformRole': {
        const { role } = command.data;
        return state.platformRoles.has(role) ? [] : [{ type: 'PlatformRoleGranted', data: { role, at } }];
      }
      case 'WithdrawPlatformRole': {
        const { role } = command.data;
        return state.platformRoles.has(role) ? [{ type: 'PlatformRoleWithdrawn', data: { role, at } }] : [];
      }
      case 'EraseUser':
        return [{ type: 'UserErased', data: { at } }];
      default:
        return unreachable(command);
    }
  },

  evolve(state, { type, data }) {
    if (type === 'UserRegistered') {
      const { userId, content, at } = data;
      return {
        status: 'active',
        userId,
        ...content,
        statusText: '',
        timeZone: null,
        avatarMediaId: null,
        privacy: defaultPrivacy,
        notifications: defaultNotifications,
        devices: Map(),
        platformRoles: Set(),
        createdAt: at,
        lastAt: at,
      };
    }
    if (state.status !== 'active') throw new Error(`${type} of a user who is ${state.status}`);
    const lastAt = data.at;
    switch (type) {
      case 'ProfileChanged': {
        const { content, avatarMediaId } = data;
        return { ...state, ...defined(content), ...defined({ avatarMediaId }), lastAt } as ActiveUser;
      }
      case 'PrivacyChanged':
        return { ...state, privacy: data.privacy, lastAt };
      case 'NotificationsChanged':
        return { ...state, notifications: data.notifications, lastAt };
      case 'DeviceAdded': {
        const { deviceId, content, platform } = data;
        const addedAt = state.devices.get(deviceId)?.addedAt ?? data.at;
        return { ...state, devices: state.devices.set(deviceId, { ...content, platform, addedAt }), lastAt };
      }
      case 'DeviceRemoved':
        return { ...state, devices: state.devices.delete(data.deviceId), lastAt };
      case 'PlatformRoleGranted':
        return { ...state, platformRoles: state.platformRoles.add(data.role), lastAt };
      case 'PlatformRoleWithdrawn':
        return { ...state, platformRoles: state.platformRoles.delete(data.role), lastAt };
      case 'UserErased':
        return { status: 'erased', userId: state.userId, lastAt };
      default:
        return unreachable(type);
    }
  },
};
