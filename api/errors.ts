import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type RefusalCode } from '../domain/errors.ts';
import { invalid, toProblem } from '../services/problems.ts';
import type { Problem } from '../schemas/common.ts';

export const problemType = 'application/problem+json';

const frameworkRefusals: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request/too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request/unsupported-media-type',
  FST_ERR_MAX_PARAM_LENGTH: 'request/not-found',
};

/** The framework's own errors about a request, as refusals; everything else as it is. */
const refused = (error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof DomainError) return error;
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_')) return error;
  const refusal = frameworkRefusals[code];
  if (refusal !== undefined) return new DomainError(refusal);
  return typeof statusCode === 'number' && statusCode < 500 ? invalid('request', 'cannot be read') : error;
};

const headersOf = (problem: Problem): Readonly<Record<string, string>> => ({
  'x-request-id': problem.requestId,
  ...(problem.status === 401 && { 'www-authenticate': 'Bearer' }),
  ...(typeof problem['retryAfterSeconds'] === 'number' && { 'retry-after': String(problem['retryAfterSeconds']) }),
  ...(Array.isArray(problem['allow']) && { allow: problem['allow'].join(', ') }),
});

/** Answers any error as a problem. Only what the server is to blame for reaches the log, with its stack. */
export const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const problem = toProblem(refused(error), request.id);
  if (problem.status >= 500 && !(error instanceof DomainError)) request.log.error({ err: error }, 'request failed');
  return reply.code(problem.status).headers(headersOf(problem)).type(problemType).send(JSON.stringify(problem));
};

/** The one place where an error becomes an HTTP problem (RFC 9457). `elsewhere`: what addresses get that are not there. */
export const mapErrors = (app: FastifyInstance, elsewhere: RefusalCode = 'request/not-found'): void => {
  app.setErrorHandler(sendProblem);
  // Before the body of such a request is read, whatever it is.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw new DomainError(elsewhere);
  });
  app.setNotFoundHandler(async () => {
    throw new DomainError(elsewhere);
  });
};
