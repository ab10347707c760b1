import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { serializerCompiler, type FastifyPluginAsyncZod, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { Authenticator } from '../services/caller.ts';
import { invalidRequest } from '../services/problems.ts';
import { authenticate } from './auth.ts';
import { readBodies } from './body.ts';
import { refuseNonsense } from './client-error.ts';
import { allowOrigins } from './cors.ts';
import { mapErrors, sendProblem } from './errors.ts';
import { otherMethods } from './methods.ts';
import { observeRequests, type RequestObserver } from './observe.ts';
import { documentRoutes, serveDocument } from './openapi.ts';
import { limitRates } from './rate-limits.ts';
import { readAfter } from './read-after.ts';
import { requestId } from './request-id.ts';
import { enforceScopes } from './scopes.ts';
import { completeRoutes } from './route-defaults.ts';

export const bodyLimit = 256 * 1024;

/** Routes of the API, with what they need already given to them. */
export type BoundRoutes = (app: FastifyInstance) => Promise<void>;

export const bindRoutes =
  <Options extends object>(plugin: FastifyPluginAsyncZod<Options>, options: Options): BoundRoutes =>
  async (app) =>
    plugin(app.withTypeProvider<ZodTypeProvider>(), options);

export interface ServerOptions {
  readonly logger: FastifyBaseLogger;
  readonly authenticator: Pick<Authenticator, 'verify'>;
  readonly limiter: RateLimiter;
  /** Served below `/v1`. */
  readonly routes: readonly BoundRoutes[];
  /** Served at the root, open to all and in no document. */
  readonly operations?: BoundRoutes | undefined;
  /** Proxies of our own before this server: what the outermost says of a request's address is believed. */
  readonly trustedProxies?: number | undefined;
  /** Of pages that may use the API beside those of the server's own origin. */
  readonly corsOrigins?: readonly string[] | undefined;
  readonly observe?: RequestObserver | undefined;
}

/** The HTTP server, ready but not listening yet. */
export const createServer = async (options: ServerOptions): Promise<FastifyInstance> => {
  const { trustedProxies = 0, corsOrigins = [] } = options;
  const app: FastifyInstance = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit,
    trustProxy: trustedProxies > 0 && ((_address: string, hop: number) => hop < trustedProxies),
    requestTimeout: 60_000,
    genReqId: requestId,
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: refuseNonsense,
    forceCloseConnections: 'idle',
  });
  app.setSerializerCompiler(serializerCompiler);
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const part = httpPart === 'querystring' ? 'query' : (httpPart ?? 'request');
    return (data: unknown) => {
      // A body that is absent comes as null.
      const given = httpPart === 'body' ? (data ?? undefined) : data;
      const parsed = z.safeParse(schema as z.ZodType, given);
      return parsed.success ? { value: parsed.data } : { error: invalidRequest(parsed.error.issues, part) };
    };
  });
  observeRequests(app, options.observe);
  await allowOrigins(app, corsOrigins);
  mapErrors(app);
  await documentRoutes(app);
  const refuseOtherMethods = otherMethods(app);
  serveDocument(app);
  if (options.operations !== undefined) await app.register(options.operations);
  await app.register(
    async (api) => {
      authenticate(api, options.authenticator);
      enforceScopes(api);
      limitRates(api, options.limiter);
      readBodies(api);
      readAfter(api);
      completeRoutes(api);
      for (const routes of options.routes) await api.register(routes);
    },
    { prefix: '/v1' },
  );
  await app.register(refuseOtherMethods);
  await app.ready();
  return app;
};
