import { randomUUID } from 'node:crypto';
import type { CommandBus } from '../commands/command-bus.ts';
import { DomainError } from '../domain/errors.ts';
import type { DeviceId, UserId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { UserCommand } from '../domain/user/commands.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { Position } from '../ports/event-store.ts';
import type { ReadModels } from '../projections/queries.ts';
import type { Device } from '../schemas/user.ts';
import type { Caller, Written } from './caller.ts';
import type { Revocations } from './revocations.ts';

type Reason = Extract<UserCommand, { type: 'RemoveDevice' }>['data']['reason'];

export interface DeviceOptions {
  readonly bus: CommandBus;
  readonly credentials: Pick<CredentialStore, 'sessionsOf' | 'endSessionsOfDevice'>;
  readonly readModels: Pick<ReadModels, 'waitFor' | 'devices'>;
  readonly revocations: Revocations;
}

export interface DeviceService {
  /** The caller's devices, the oldest first. */
  list(caller: Caller, after: Position | undefined): Promise<readonly Device[]>;
  /** Throws `device/not-found`. */
  revoke(caller: Caller, deviceId: DeviceId): Promise<Written<null>>;
  /** Ends the sessions of the device at once and forgets it. */
  signOut(userId: UserId, deviceId: DeviceId, reason: Reason): Promise<Position>;
  /** Signs out those unseen longest, until no more are left than a user may have; never `keep`. */
  displaceBeyondLimit(userId: UserId, keep: DeviceId): Promise<void>;
}

export const createDeviceService = ({ bus, credentials, readModels, revocations }: DeviceOptions): DeviceService => {
  const signOut = async (userId: UserId, deviceId: DeviceId, reason: Reason): Promise<Position> => {
    const sessions = (await credentials.sessionsOf(userId)).filter((session) => session.deviceId === deviceId);
    await credentials.endSessionsOfDevice(userId, deviceId);
    for (const session of sessions) revocations.announce(session, 'revoked');
    const command = { type: 'RemoveDevice', data: { deviceId, reason } } as const;
    const { position } = await bus.user(userId, { commandId: randomUUID(), actorId: userId, command });
    return position;
  };

  const lastSeen = async (userId: UserId): Promise<ReadonlyMap<DeviceId, string>> =>
    new Map((await credentials.sessionsOf(userId)).map(({ deviceId, lastSeenAt }) => [deviceId, lastSeenAt]));

  return {
    signOut,

    async list(caller, after) {
      if (after !== undefined) await readModels.waitFor(['devices'], after);
      const [devices, seen] = await Promise.all([readModels.devices.devices(caller.userId), lastSeen(caller.userId)]);
      return devices.map(({ deviceId, name, platform, createdAt }) => ({
        deviceId,
        name,
        platform,
        createdAt,
        lastSeenAt: seen.get(deviceId) ?? createdAt,
        current: deviceId === caller.deviceId,
      }));
    },

    async revoke({ userId }, deviceId) {
      const user = await bus.userState(userId);
      const isKnown = user.status === 'active' && user.devices.has(deviceId);
      if (!isKnown) throw new DomainError('device/not-found');
      return { result: null, created: false, position: await signOut(userId, deviceId, 'revoked') };
    },

    async displaceBeyondLimit(userId, keep) {
      const user = await bus.userState(userId);
      if (user.status !== 'active' || user.devices.size <= limits.devicesPerUser) return;
      const seen = await lastSeen(userId);
      const others = [...user.devices]
        .filter(([deviceId]) => deviceId !== keep)
        .map(([deviceId, { addedAt }]) => ({ deviceId, seenAt: seen.get(deviceId) ?? addedAt }))
        .sort((a, b) => (a.seenAt < b.seenAt ? -1 : 1));
      for (const { deviceId } of others.slice(0, user.devices.size - limits.devicesPerUser)) {
        await signOut(userId, deviceId, 'displaced');
      }
    },
  };
};
