import type { Notifications, PlatformRole, Privacy } from '../../domain/user/values.ts';

/** A user. Collection `users`, id `<userId>`; removed when the account is erased. */
export interface UserDocument {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** Folded for prefix search: NFKD without marks, lower case. */
  readonly displayNameKey: string;
  readonly statusText: string;
  readonly timeZone: string | null;
  readonly avatarMediaId: string | null;
  readonly createdAt: string;
  readonly privacy: Privacy;
  readonly notifications: Notifications;
  readonly platformRoles: readonly PlatformRole[];
}
