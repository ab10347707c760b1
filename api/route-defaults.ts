import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { z } from 'zod';
import { noContent, problems } from './problems.ts';

const always = problems('request/invalid', 'rate/limited', 'internal', 'read-model/behind', 'server/unavailable');
const withToken = problems('auth/required', 'auth/expired');
const withBody = problems('request/too-large', 'request/unsupported-media-type');
const nothing = z.strictObject({});

/** Query parameters that a route does not name are refused, and refusals that every route can give are documented. */
const complete = (schema: FastifySchema): FastifySchema => ({
  querystring: nothing,
  ...schema,
  response: {
    ...(schema.response === undefined && { 204: noContent }),
    ...always,
    ...(schema.security?.length !== 0 && withToken),
    ...(schema.body !== undefined && withBody),
    ...(schema.response as object | undefined),
  },
});

/** Completes the schema of every route of the API that is added from here on. */
export const completeRoutes = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route: RouteOptions) => {
    const schema = route.schema ?? {};
    if (schema.hide !== true) route.schema = complete(schema);
  });
};
