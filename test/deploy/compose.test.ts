import { existsSync, readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, settingNames } from '../../app/config.ts';
import { roles } from '../../app/roles.ts';

const root = path.join(import.meta.dirname, '../..');
const text = readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly pull_policy?: string;
  readonly restart: string;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}
interface Network {
  readonly internal?: boolean;
  readonly ipam?: { readonly config: readonly { readonly subnet: string; readonly ip_range: string }[] };
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const { services, networks, volumes } = parse(text, { merge: true }) as Compose;
const all = Object.entries(services);
/** Those that do their work once and end. */
const isOnce = ({ restart }: Service): boolean => restart === 'no';
const ours = all.filter(([, { image }]) => image.startsWith('parley:'));
const networksOf = ({ networks: named = [] }: Service): readonly string[] =>
  Array.isArray(named) ? (named as readonly string[]) : Object.keys(named);

describe('docker-compose.yml', () => {
  it('has a cluster, a replica set, Redis, OpenSearch, a proxy and two processes of each role', () => {
    const images = Object.groupBy(all, ([, { image }]) => image.split(':')[0]!);
    const counted = Object.entries(images).map(([image, found]) => [image, found!.length]);
    expect(Object.fromEntries(counted)).toEqual({
      caddy: 1,
      parley: 2 * roles.length,
      'eventstore/eventstore': 3,
      mongo: 5,
      redis: 1,
      'opensearchproject/opensearch': 1,
    });
    const shared = Object.groupBy(ours, ([, { environment }]) => environment!['ROLES']!);
    expect(Object.entries(shared).map(([role, found]) => [role, found!.length])).toEqual(
      roles.map((role) => [role, 2]),
    );
  });

  it.each(all)('pins the image of %s and tells whether it is well', (_name, service) => {
    expect(service.image).toMatch(/^[a-z0-9/-]+:\d+\.\d+\.\d+[a-z0-9.-]*$/);
    if (isOnce(service)) expect(service.healthcheck).toBeUndefined();
    else {
      const { test = [] } = service.healthcheck ?? {};
      expect(test.length).toBeGreaterThan(1);
      expect(test.every((part) => typeof part === 'string')).toBe(true);
      // Podman 4 takes the arguments apart at spaces.
      if (test[0] === 'CMD') expect(test.join('')).not.toContain(' ');
      expect(service.restart).toBe('unless-stopped');
    }
  });

  it.each(all)('lets %s wait for what it needs until that is well, or done', (_name, { depends_on: needs = {} }) => {
    for (const [name, { condition }] of Object.entries(needs)) {
      const wanted = isOnce(services[name]!) ? 'service_completed_successfully' : 'service_healthy';
      expect([name, condition]).toEqual([name, wanted]);
    }
  });

  it('declares every volume and network that is used, and no other', () => {
    const mounts = all.flatMap(([, service]) => service.volumes ?? []).map((mount) => mount.split(':')[0]!);
    const files = mounts.filter((mount) => mount.startsWith('.'));
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
    expect(new Set(mounts.filter((mount) => !mount.startsWith('.')))).toEqual(new Set(Object.keys(volumes)));
    expect(new Set(all.flatMap(([, service]) => networksOf(service)))).toEqual(new Set(Object.keys(networks)));
  });

  it('keeps everything but the proxy inside', () => {
    expect(networks['inside']?.internal).toBe(true);
    expect(all.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)).toEqual(['proxy']);
    for (const [name, service] of all) {
      const wanted = name === 'proxy' ? ['inside', 'outside'] : ['inside'];
      expect([name, service.network_mode ?? networksOf(service)]).toEqual([
        name,
        name === 'mongo-key' ? 'none' : wanted,
      ]);
    }
  });

  it('gives no other service an address that EventStoreDB has', () => {
    const free = new BlockList();
    const [first, bits] = (networks['inside']?.ipam?.config[0]?.ip_range ?? '').split('/');
    free.addSubnet(first!, Number(bits));
    const fixed = [...text.matchAll(/ipv4_address: ([\d.]+)/g)].map(([, address]) => address!);
    expect(new Set(fixed).size).toBe(3);
    expect(fixed.filter((address) => free.check(address))).toEqual([]);
  });

  it('builds one image once, and looks for it nowhere else', () => {
    expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['api-1']);
    expect(new Set(ours.map(([, { image }]) => image)).size).toBe(1);
    expect(new Set(ours.map(([, service]) => service.pull_policy))).toEqual(new Set(['never']));
  });

  it('lets processes without data write nowhere, and gives those with data a minute to end', () => {
    expect(ours.filter(([, service]) => service.read_only !== true)).toEqual([]);
    const others = all.filter(
      ([name, service]) => !service.image.startsWith('parley:') && !isOnce(service) && name !== 'proxy',
    );
    expect(others.filter(([, service]) => service.stop_grace_period !== '1m').map(([name]) => name)).toEqual([]);
  });

  it('starts Redis by the script of its image, which hands over to another user than root', () => {
    expect(services['redis']?.command?.join(' ')).toContain('exec docker-entrypoint.sh redis-server');
  });

  it.each(ours)('starts %s with settings that there are', (_name, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !settingNames.includes(name))).toEqual([]);
    const given = Object.entries(environment).map(([name, value]) => {
      return [name, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll(/\$\{\w+:\?[^}]*\}/g, 'secret')];
    });
    const config = loadConfig(Object.fromEntries(given) as NodeJS.ProcessEnv);
    expect(config.roles).toEqual([environment['ROLES']]);
  });

  it('asks for every secret rather than having one, and the file with them is never committed', () => {
    expect(readFileSync(path.join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
    const secrets = [...text.matchAll(/\$\{(\w*PASSWORD\w*)([^}]*)\}/g)];
    expect(secrets.length).toBeGreaterThan(3);
    for (const [, name, rest] of secrets) expect([name, rest]).toEqual([name, ':?set it in .env']);
  });

  it('routes sockets and everything else to processes that are there, by the proxy', () => {
    const caddyfile = readFileSync(path.join(root, 'deploy/Caddyfile'), 'utf8');
    const upstreams = [...caddyfile.matchAll(/([a-z]+-\d):8080/g)].map(([, name]) => name!);
    const wanted = ours.map(([name]) => name).filter((name) => /^(?:api|realtime)-/.test(name));
    expect(upstreams.toSorted()).toEqual(wanted.toSorted());
  });
});
