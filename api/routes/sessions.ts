import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Login, Refresh, Tokens } from '../../schemas/user.ts';
import type { SessionService } from '../../services/sessions.ts';
import { noContent, problems } from '../problems.ts';
import { sendWritten } from '../reply.ts';

export interface SessionRoutesOptions {
  readonly sessions: SessionService;
}

const tags = ['sessions'];

export const sessionRoutes: FastifyPluginAsyncZod<SessionRoutesOptions> = async (app, { sessions }) => {
  app.post(
    '/sessions',
    {
      config: { signIn: true },
      schema: {
        operationId: 'login',
        summary: 'Log in on a device',
        description:
          'A device is one installation: the same `deviceId` logs in again, without one a new device is made.',
        tags,
        security: [],
        body: Login,
        response: { 201: Tokens, ...problems('auth/wrong-credentials') },
      },
    },
    async (request, reply) => sendWritten(reply, await sessions.login(request.body)),
  );

  app.post(
    '/sessions/refresh',
    {
      schema: {
        operationId: 'refresh',
        summary: 'Change a refresh token for new tokens',
        description:
          'Each refresh token is good once. The one before the newest, sent again within 60 s because the reply was ' +
          'lost, gets the same refresh token again (200); any other use of an old one signs the device out.',
        tags,
        security: [],
        body: Refresh,
        response: { 200: Tokens, 201: Tokens, ...problems('auth/required') },
      },
    },
    async (request, reply) => sendWritten(reply, await sessions.refresh(request.body.refreshToken)),
  );

  app.delete(
    '/sessions/current',
    {
      schema: {
        operationId: 'logout',
        summary: 'Log out',
        description: 'Revoked at once; open sockets of the device are closed with 4403.',
        tags,
        response: { 204: noContent },
      },
    },
    async (request, reply) => sendWritten(reply, await sessions.logout(request.caller)),
  );
};
