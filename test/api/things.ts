import { z } from 'zod';
import { problems } from '../../api/problems.ts';
import { sendWritten } from '../../api/reply.ts';
import { bindRoutes } from '../../api/server.ts';
import { EventStoreUnavailable } from '../../ports/event-store.ts';
import { Uuid } from '../../schemas/common.ts';
import { text } from '../../schemas/text.ts';
import type { Caller } from '../../services/caller.ts';

export const caller: Caller = {
  userId: '00000000-0000-4000-8000-000000000001',
  deviceId: '00000000-0000-4000-8000-000000000002',
  sessionId: '00000000-0000-4000-8000-000000000003',
};

/** Routes that only tests have: one that writes, one that fails, one whose store may be gone. */
export const things = bindRoutes(async (app) => {
  const schema = {
    params: z.strictObject({ id: Uuid }),
    body: z.strictObject({ name: text({ max: 10 }), tags: z.array(z.enum(['a', 'b'])).optional() }),
    response: {
      200: z.strictObject({ name: z.string() }),
      201: z.strictObject({ name: z.string() }),
      ...problems('user/not-found'),
    },
  };
  app.put('/things/:id', { schema: { ...schema, operationId: 'putThing' } }, async (request, reply) =>
    sendWritten(reply, { result: { name: request.body.name }, created: true, position: 7n }),
  );
  app.get('/things/:id', { schema: { params: schema.params } }, async () => {
    throw new Error('the inner text of the failure');
  });
  app.delete('/things/:id', { schema: { params: schema.params } }, async (request, reply) => {
    if (request.parleyAfter === 9n) throw new EventStoreUnavailable('disk gone');
    return sendWritten(reply, { result: null, created: false, position: 8n });
  });
}, {});
