import type { FastifyInstance, HTTPMethods } from 'fastify';
import { DomainError } from '../domain/errors.ts';

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];

/**
 * Notes which methods each address knows, of the routes added from here on. The plugin that comes back is registered
 * last and answers all other methods: OPTIONS says which there are, the rest get `request/method-not-allowed`.
 */
export const otherMethods = (app: FastifyInstance): ((last: FastifyInstance) => Promise<void>) => {
  const known = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const ofUrl = known.get(url) ?? new Set();
    known.set(url, ofUrl);
    for (const one of [method].flat()) ofUrl.add(one);
  });
  return async (last) => {
    const urls = [...known.entries()];
    for (const [url, has] of urls) answerOthers(last, url, new Set(has));
  };
};

const answerOthers = (app: FastifyInstance, url: string, has: ReadonlySet<string>): void => {
  const allow = [...has.union(new Set(['OPTIONS']))].sort();
  app.route({
    url,
    method: methods.filter((method) => !has.has(method)),
    schema: { hide: true, security: [] },
    onRequest: async ({ method }, reply) => {
      if (method === 'OPTIONS') return reply.header('allow', allow.join(', ')).code(204).send();
      throw new DomainError('request/method-not-allowed', { allow });
    },
    handler: () => {},
  });
};
