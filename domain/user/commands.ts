import type { DeviceId, UserId } from '../ids.ts';
import type { Notifications, PlatformRole, Privacy } from './values.ts';

type Command<Type extends string, Data> = { readonly type: Type; readonly data: Readonly<Data> };

export type UserCommand =
  | Command<'RegisterUser', { userId: UserId; username: string; displayName: string }>
  | Command<
      'ChangeProfile',
      {
        displayName?: string | undefined;
        statusText?: string | undefined;
        timeZone?: string | null | undefined;
        avatarMediaId?: string | null | undefined;
        privacy?: Partial<Privacy> | undefined;
        notifications?: Partial<Notifications> | undefined;
      }
    >
  /** Logging in on a device that is known changes nothing but its name and platform. */
  | Command<'AddDevice', { deviceId: DeviceId; name: string; platform: string | null }>
  | Command<'RemoveDevice', { deviceId: DeviceId; reason: 'signed-out' | 'revoked' | 'displaced' | 'token-reused' }>
  | Command<'GrantPlatformRole', { role: PlatformRole }>
  | Command<'WithdrawPlatformRole', { role: PlatformRole }>
  | Command<'EraseUser', Record<string, never>>;
