import { ServerProcess, temporaryFolder } from '../../app/demo/server-process.ts';
import type { Role } from '../../app/roles.ts';
import { startRoundRobin, type RoundRobin } from './round-robin.ts';

export interface RoleProcess {
  readonly roles: readonly Role[];
  readonly server: ServerProcess;
}

export interface Processes extends AsyncDisposable {
  readonly all: readonly RoleProcess[];
  /** Where clients come: each connection goes to the next process with the role for it. */
  readonly origin: string;
  with(role: Role): readonly ServerProcess[];
}

/** The real server as several processes, each in some roles, on the servers that the environment names. */
export const startProcesses = async (
  layout: readonly (readonly Role[])[],
  environment: Readonly<Record<string, string>>,
  /** What a process gets beside or instead of it. */
  own: (roles: readonly Role[]) => Readonly<Record<string, string>> = () => ({}),
): Promise<Processes> => {
  await using opening = new AsyncDisposableStack();
  const all = await Promise.all(
    layout.map(async (roles): Promise<RoleProcess> => {
      // Each has its own: what the servers do not hold is for one process alone.
      const { folder } = opening.use(await temporaryFolder());
      const settings = { LOG_LEVEL: 'warn', ROLES: roles.join(','), ...environment, ...own(roles) };
      const server = opening.use(await ServerProcess.start(folder, settings));
      return { roles, server };
    }),
  );
  const withRole = (role: Role): readonly ServerProcess[] =>
    all.filter(({ roles }) => roles.includes(role)).map(({ server }) => server);
  const portsOf = (role: Role): readonly number[] => withRole(role).map(({ port }) => port);
  const proxy: RoundRobin = opening.use(await startRoundRobin({ api: portsOf('api'), realtime: portsOf('realtime') }));
  const opened = opening.move();
  return { all, origin: proxy.origin, with: withRole, [Symbol.asyncDispose]: () => opened.disposeAsync() };
};
