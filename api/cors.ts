import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What a page may send and read beyond what every page may. Tokens are no cookies, so there are no credentials. */
const allowed: FastifyCorsOptions = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'Parley-After', 'X-Request-Id'],
  exposedHeaders: [
    'Parley-Position',
    'Retry-After',
    'RateLimit',
    'RateLimit-Policy',
    'WWW-Authenticate',
    'X-Request-Id',
  ],
  // Browsers keep it no longer.
  maxAge: 7_200,
  strictPreflight: false,
};

const optionsFor = (origins: ReadonlySet<string>, { headers, url }: FastifyRequest): FastifyCorsOptions => {
  const { origin = '' } = headers;
  return {
    ...allowed,
    origin: origins.has(origin) && url.startsWith('/v1/') && origin,
    // Any other OPTIONS asks which methods there are.
    preflight: headers['access-control-request-method'] !== undefined,
  };
};

/**
 * Lets pages of these origins use the API: all its answers, refusals too, say so. Pages of other origins, and other
 * addresses than the API's, are answered as if this were not here. To be called before any route is added.
 */
export const allowOrigins = async (app: FastifyInstance, origins: readonly string[]): Promise<void> => {
  if (origins.length === 0) return;
  const known = new Set(origins);
  await app.register(cors, { delegator: (request, callback) => callback(null, optionsFor(known, request)) });
};
