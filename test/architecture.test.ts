import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Layer {
  /** Other folders that this one may import. */
  readonly folders: readonly string[] | 'any';
  /** Packages and parts of Node that it may import; `any` but for the drivers. */
  readonly packages: readonly string[] | 'any';
}

const layers: Readonly<Record<string, Layer>> = {
  domain: { folders: [], packages: ['immutable', 'node:crypto', 'uuid', 'zod'] },
  ports: { folders: ['domain'], packages: [] },
  adapters: { folders: ['domain', 'ports'], packages: 'any' },
  search: { folders: ['ports'], packages: [] },
  commands: { folders: ['domain', 'ports'], packages: ['lru-cache', 'node:crypto', 'node:timers/promises'] },
  projections: { folders: ['domain', 'ports', 'search'], packages: ['node:timers/promises'] },
  schemas: { folders: ['domain'], packages: ['zod'] },
  services: {
    folders: ['commands', 'domain', 'ports', 'projections', 'schemas', 'search'],
    packages: ['jose', 'lru-cache', 'node:crypto', 'node:util', 'uuid', 'zod'],
  },
  reactions: {
    folders: ['commands', 'domain', 'ports', 'projections'],
    packages: ['node:crypto', 'node:timers/promises'],
  },
  relay: { folders: ['domain', 'ports', 'projections'], packages: ['lru-cache', 'node:timers/promises'] },
  api: {
    folders: ['commands', 'domain', 'ports', 'projections', 'schemas', 'services'],
    packages: [
      '@fastify/cors',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      'fastify',
      'fastify-type-provider-zod',
      'node:crypto',
      'node:http',
      'node:net',
      'openapi-types',
      'zod',
    ],
  },
  realtime: {
    folders: ['commands', 'domain', 'ports', 'projections', 'schemas', 'services'],
    packages: ['node:crypto', 'node:http', 'node:stream', 'node:timers/promises', 'ws', 'zod'],
  },
  client: { folders: ['realtime', 'schemas'], packages: ['node:fs/promises', 'node:path'] },
  examples: { folders: [], packages: ['node:process', 'node:readline', 'node:readline/promises', 'parley'] },
  app: { folders: 'any', packages: 'any' },
  bench: { folders: 'any', packages: 'any' },
  test: { folders: 'any', packages: 'any' },
};

/** What talks to a product, and the adapter folders that may import it. Tests may look behind an adapter. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  '@eventstore/db-client': ['adapters/eventstoredb'],
  '@grpc/grpc-js': ['adapters/eventstoredb'],
  bullmq: ['adapters/bullmq'],
  'google-protobuf': ['adapters/eventstoredb'],
  '@opensearch-project/opensearch': ['adapters/opensearch'],
  ioredis: ['adapters/redis'],
  mongodb: ['adapters/mongodb'],
  'node:sqlite': ['adapters/sqlite'],
  'rate-limiter-flexible': ['adapters/in-process', 'adapters/redis'],
};
/** What adapters may import besides: none of it is a product. */
const helpers = new Set([
  'node:crypto',
  'node:dns',
  'node:fs',
  'node:http',
  'node:https',
  'node:net',
  'node:path',
  'node:timers/promises',
  'node:worker_threads',
]);

/** What runs with clients takes of the server's folders nothing but types, and of Node nothing that a browser lacks. */
const typesOnly: Readonly<Record<string, readonly string[]>> = { client: ['realtime/protocol.ts', 'schemas/'] };
const forNodeOnly = new Set(['client/storage/file.ts']);

const mayImportApp = new Set(['app', 'bench', 'test']);
const mostLines = 300;

const root = join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const files = globSync('**/*.ts', { cwd: root, exclude: ['node_modules/**'] })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.includes('/'));
const layerOf = (file: string): string => file.split('/')[0]!;

/** What a module imports or re-exports: by name, for effect, or when it runs. */
const importsOf = (source: string): readonly string[] =>
  [
    /^(?:import|export)\s[^;'"]*?\sfrom\s+['"]([^'"]+)['"]/gm,
    /^import\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
    /\brequire\(\s*['"]([^'"]+)['"]/g,
  ].flatMap((pattern) => [...source.matchAll(pattern)].map(([, target]) => target!));

const isLocal = (target: string): boolean => target.startsWith('.');
const packageOf = (target: string): string =>
  target.startsWith('node:')
    ? target
    : target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');

const folderBreach = (file: string, target: string): string | undefined => {
  const layer = layerOf(file);
  const other = layerOf(normalize(join(dirname(file), target)).replaceAll('\\', '/'));
  if (!target.endsWith('.ts')) return 'without .ts';
  if (layer === other) return undefined;
  if (other === 'app' && !mayImportApp.has(layer)) return 'nobody imports app';
  const { folders } = layers[layer]!;
  return folders === 'any' || folders.includes(other) ? undefined : `${layer} may not import ${other}`;
};

const packageBreach = (file: string, target: string): string | undefined => {
  const layer = layerOf(file);
  const name = packageOf(target);
  const homes = drivers[name];
  if (homes !== undefined && layer !== 'test') {
    return homes.some((home) => file.startsWith(`${home}/`)) ? undefined : `only for ${homes.join(', ')}`;
  }
  if (layer === 'adapters' && !helpers.has(name)) return 'a driver that the table does not know';
  const { packages } = layers[layer]!;
  return packages === 'any' || packages.includes(name) ? undefined : `${layer} may not import it`;
};

const breaches = (file: string, source: string): readonly string[] =>
  importsOf(source).flatMap((target) => {
    const breach = isLocal(target) ? folderBreach(file, target) : packageBreach(file, target);
    return breach === undefined ? [] : [`${file} imports ${target}: ${breach}`];
  });

/** Imports that are left when types are gone, of folders and parts of Node that a browser does not have. */
const codeBreaches = (file: string, source: string): readonly string[] => {
  const allowed = typesOnly[layerOf(file)] ?? [];
  const code = source.replaceAll(/^(?:import|export) type\s[^;]*;/gm, '');
  const types = importsOf(source).filter((target) => !importsOf(code).includes(target));
  const place = (target: string): string => normalize(join(dirname(file), target)).replaceAll('\\', '/');
  return [
    ...importsOf(code).flatMap((target) => {
      if (!isLocal(target)) return forNodeOnly.has(file) ? [] : [`${file} imports ${target}: not in a browser`];
      return layerOf(place(target)) === layerOf(file) ? [] : [`${file} imports ${target}: more than types`];
    }),
    ...types
      .filter((target) => isLocal(target) && layerOf(place(target)) !== layerOf(file))
      .filter((target) => !allowed.some((path) => place(target).startsWith(path)))
      .map((target) => `${file} imports ${target}: not among what clients see`),
  ];
};

const linesOf = (source: string): number => source.split('\n').length - 1;

describe('the architecture', () => {
  it('knows every folder that holds code', () => {
    expect(Object.keys(layers)).toEqual(expect.arrayContaining([...new Set(files.map(layerOf))]));
  });

  it.each(Object.keys(layers))('lets %s import only what it may', (layer) => {
    const own = files.filter((file) => layerOf(file) === layer);
    expect(own.flatMap((file) => breaches(file, read(file)))).toEqual([]);
  });

  it('takes of node:crypto into the domain only the hash, which is a pure function', () => {
    const imports = files
      .filter((file) => layerOf(file) === 'domain')
      .flatMap((file) => read(file).match(/^import .* from 'node:crypto'/gm) ?? []);
    expect(new Set(imports)).toEqual(new Set(["import { hash } from 'node:crypto'"]));
  });

  it('gives clients types of the server and nothing else', () => {
    const own = files.filter((file) => layerOf(file) in typesOnly);
    expect(own.flatMap((file) => codeBreaches(file, read(file)))).toEqual([]);
  });

  it('keeps every driver in use in its folders', () => {
    const homesOf = (name: string): readonly string[] => {
      const users = files.filter(
        (file) => layerOf(file) === 'adapters' && importsOf(read(file)).map(packageOf).includes(name),
      );
      return [...new Set(users.map((file) => dirname(file)))].toSorted();
    };
    const used = Object.keys(drivers).map((name) => [name, homesOf(name)]);
    expect(used).toEqual(Object.entries(drivers));
  });

  it('has no barrels', () => {
    expect(files.filter((file) => /(?:^|\/)index\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^export\s+\*/m.test(read(file)))).toEqual([]);
  });

  it(`has no file of more than ${mostLines} lines`, () => {
    const long = files.map((file) => ({ file, lines: linesOf(read(file)) })).filter(({ lines }) => lines > mostLines);
    expect(long).toEqual([]);
  });
});

describe('the check of the architecture', () => {
  it.each([
    ['domain/ids.ts', "import type { Clock } from '../ports/clock.ts';", 'domain may not import ports'],
    ['domain/ids.ts', "import { readFileSync } from 'node:fs';", 'domain may not import it'],
    ['api/routes/a.ts', "import {\n  a,\n  b,\n} from '../../realtime/b.ts';", 'api may not import realtime'],
    ['services/a.ts', "export { a } from '../app/config.ts';", 'nobody imports app'],
    ['services/a.ts', "const a = await import('../reactions/a.ts');", 'services may not import reactions'],
    ['commands/a.ts', "import '../domain/ids';", 'without .ts'],
    ['app/a.ts', "import { DatabaseSync } from 'node:sqlite';", 'only for adapters/sqlite'],
    ['adapters/in-process/a.ts', "import { DatabaseSync } from 'node:sqlite';", 'only for adapters/sqlite'],
    ['adapters/redis/a.ts', "import { createClient } from 'redis';", 'a driver that the table does not know'],
    ['adapters/mongodb/a.ts', "import { Redis } from 'ioredis';", 'only for adapters/redis'],
    ['realtime/a.ts', "import fastify from 'fastify/lib/a.js';", 'realtime may not import it'],
  ])('finds in %s: %s', (file, source, breach) => {
    expect(breaches(file, source)).toEqual([expect.stringMatching(new RegExp(`: ${breach}$`))]);
  });

  it.each([
    ['client/a.ts', "import { Message } from '../schemas/message.ts';", 'more than types'],
    ['client/a.ts', "import type { Hub } from '../realtime/hub.ts';", 'not among what clients see'],
    ['client/a.ts', "import { readFile } from 'node:fs/promises';", 'not in a browser'],
  ])('finds in %s what clients may not have: %s', (file, source, breach) => {
    expect(codeBreaches(file, source)).toEqual([expect.stringMatching(new RegExp(`: ${breach}$`))]);
  });

  it.each([
    ['test/a.ts', "import { DatabaseSync } from 'node:sqlite';\nimport { a } from '../app/a.ts';"],
    ['adapters/sqlite/a.ts', "import { DatabaseSync } from 'node:sqlite';\nimport { a } from '../../ports/a.ts';"],
    ['services/a.ts', "import { a } from './b.ts';\nimport { z } from 'zod';"],
  ])('finds nothing in %s: %s', (file, source) => {
    expect(breaches(file, source)).toEqual([]);
  });
});
