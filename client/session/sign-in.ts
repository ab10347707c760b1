import type { Login, Tokens } from '../../schemas/user.ts';
import type { Platform } from '../platform.ts';
import { send } from '../rest.ts';
import { writeOne, type ClientStorage } from '../storage/storage.ts';

interface KnownDevice {
  readonly username: string;
  readonly deviceId: string;
}

const key = 'device';

/** Logs in, as the same device as last time where this storage has seen this user before. */
export const openSession = async (
  platform: Pick<Platform, 'fetch'>,
  origin: string,
  storage: ClientStorage,
  { device, ...credentials }: Login,
): Promise<Tokens> => {
  const known = (await storage.read(key)).get(key) as KnownDevice | undefined;
  const deviceId = device.deviceId ?? (known?.username === credentials.username ? known.deviceId : undefined);
  const body = { ...credentials, device: { ...device, ...(deviceId !== undefined && { deviceId }) } };
  const tokens = (await send(platform, origin, { method: 'POST', path: '/v1/sessions', body })).body as Tokens;
  await writeOne(storage, key, { username: credentials.username, deviceId: tokens.deviceId });
  return tokens;
};
