import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { links } from './openapi-links.ts';

const description = [
  'A chat backend built on an event log. Errors are `application/problem+json` (RFC 9457) with a `code` from one table.',
  'Every successful write answers with the header `Parley-Position`. A read that sends it back as `Parley-After` sees',
  'at least that write, or gets `read-model/behind` after 2 s.',
].join(' ');

const info = {
  openapi: '3.1.0',
  info: { title: 'Parley', version: '1', description },
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  security: [{ token: [] }],
} as const;

const optionalBody = 'x-optional-body';
const toJsonSchema = createJsonSchemaTransform({ skipList: [] });

/** A body that may be absent is described by its shape, marked for `finish`. */
const transform: typeof toJsonSchema = (document) => {
  const body: unknown = document.schema?.body;
  if (!(body instanceof z.ZodOptional)) return toJsonSchema(document);
  const schema = { ...document.schema, body: body.unwrap(), [optionalBody]: true };
  return toJsonSchema({ ...document, schema });
};

type Operation = OpenAPIV3_1.OperationObject & { [optionalBody]?: boolean };

const header = (text: string): OpenAPIV3_1.HeaderObject => ({ description: text, schema: { type: 'string' } });

const operationsOf = (document: OpenAPIV3_1.Document): readonly (readonly [method: string, Operation])[] =>
  Object.values(document.paths ?? {}).flatMap((path) => Object.entries((path ?? {}) as Record<string, Operation>));

const finishOperation = (method: string, operation: Operation): void => {
  if (operation[optionalBody] === true && operation.requestBody !== undefined && 'content' in operation.requestBody) {
    operation.requestBody.required = false;
  }
  delete operation[optionalBody];
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if ('$ref' in response) continue;
    if (method !== 'get' && status.startsWith('2')) {
      response.headers = { 'Parley-Position': header('From which position on reads see this write') };
    }
    if (status === '429' || status === '503') response.headers = { 'Retry-After': header('Seconds') };
    for (const link of links) {
      if (link.from !== operation.operationId || String(link.status) !== status) continue;
      response.links = { ...response.links, [link.to]: { operationId: link.to, parameters: link.parameters } };
    }
  }
};

/** Leaves out component schemas that nothing refers to: of each, one is made for requests and one for responses. */
const prune = (document: OpenAPIV3_1.Document): void => {
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name] of JSON.stringify(value ?? null).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      visit(schemas[name]);
    }
  };
  visit(document.paths);
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
};

const finish = (document: OpenAPIV3_1.Document): OpenAPIV3_1.Document => {
  for (const [method, operation] of operationsOf(document)) finishOperation(method, operation);
  prune(document);
  return document;
};

/** Describes the routes that are added from here on, by the schemas that requests are checked by; a page at `/docs`. */
export const documentRoutes = async (app: FastifyInstance): Promise<void> => {
  await app.register(swagger, {
    openapi: info as unknown as OpenAPIV3_1.Document,
    transform,
    transformObject: (document) => finish(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, theme: { title: 'Parley API' } });
};

/** OpenAPI 3.1 at `/openapi.json`. */
export const serveDocument = (app: FastifyInstance): void => {
  app.get('/openapi.json', { schema: { hide: true, security: [] } }, async () => app.swagger());
};
