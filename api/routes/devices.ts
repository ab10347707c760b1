import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pageOf, Paging, Uuid } from '../../schemas/common.ts';
import { Device } from '../../schemas/user.ts';
import { decodeCursor, encodeCursor } from '../../services/cursor.ts';
import type { DeviceService } from '../../services/devices.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface DeviceRoutesOptions {
  readonly devices: Pick<DeviceService, 'list' | 'revoke'>;
}

const tags = ['devices'];
const Place = z.tuple([z.string(), z.string()]);

const place = ({ createdAt, deviceId }: Device): string => `${createdAt} ${deviceId}`;

export const deviceRoutes: FastifyPluginAsyncZod<DeviceRoutesOptions> = async (app, { devices }) => {
  app.get(
    '/devices',
    {
      schema: {
        operationId: 'listDevices',
        summary: "List one's devices, the oldest first",
        tags,
        querystring: z.strictObject(Paging),
        response: { 200: pageOf(Device) },
      },
    },
    async ({ caller, parleyAfter, query: { cursor, limit } }) => {
      const from = decodeCursor(Place, cursor)?.join(' ') ?? '';
      const rest = (await devices.list(caller, parleyAfter)).filter((device) => place(device) > from);
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      const next = last === undefined || rest.length <= limit ? null : encodeCursor([last.createdAt, last.deviceId]);
      return { items, next };
    },
  );

  app.delete(
    '/devices/:deviceId',
    {
      schema: {
        operationId: 'revokeDevice',
        summary: 'Sign a device out',
        description: 'Revoked at once; its open sockets are closed with 4403.',
        tags,
        params: z.strictObject({ deviceId: Uuid }),
        response: { 204: noContent, ...problems('device/not-found') },
      },
    },
    async (request, reply) => sendWritten(reply, await devices.revoke(request.caller, request.params.deviceId)),
  );
};
