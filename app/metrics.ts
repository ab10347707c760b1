import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestObserver } from '../api/observe.ts';
import { JobsUnavailable, type JobCounts } from '../ports/jobs.ts';
import type { ProjectionStatus } from '../projections/status.ts';
import type { RealtimeMetrics } from '../realtime/metrics.ts';
import type { RelayedTailStatus } from '../relay/relayed-tail.ts';
import type { JobObserver } from './jobs.ts';

/** Where the numbers that others keep are read when somebody asks for the metrics. */
export interface Sources {
  readonly projections: () => readonly ProjectionStatus[];
  /** Undefined where there are no sockets. */
  readonly realtime: (() => Readonly<RealtimeMetrics>) | undefined;
  /** Undefined where the log is read. */
  readonly relayed: (() => RelayedTailStatus) | undefined;
  /** Undefined where no jobs are run. */
  readonly jobs: (() => Promise<JobCounts>) | undefined;
}

export interface Metrics {
  readonly observeRequest: RequestObserver;
  readonly countAppended: (events: number) => void;
  readonly observeJob: JobObserver;
  /** To be called once what it reads from is there. */
  watch(sources: Sources): void;
  /** In the text format of Prometheus. */
  collect(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export const createMetrics = (): Metrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'parley_http_request_duration_seconds',
    help: 'How long requests took, by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const appended = new Counter({
    name: 'parley_events_appended_total',
    help: 'Events appended to the log by this process',
    registers,
  });
  const runs = new Counter({
    name: 'parley_job_runs_total',
    help: 'Runs of jobs by this process, by kind and outcome; again: the job is to come back',
    labelNames: ['kind', 'outcome'],
    registers,
  });
  return {
    observeRequest: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
    countAppended: (events) => appended.inc(events),
    observeJob: ({ kind, outcome }) => runs.inc({ kind, outcome }),
    watch(sources) {
      watchProjections(registry, sources.projections);
      if (sources.realtime) watchRealtime(registry, sources.realtime);
      if (sources.relayed) watchRelayed(registry, sources.relayed);
      if (sources.jobs) watchJobs(registry, sources.jobs);
    },
    async collect() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
};

const watchProjections = (registry: Registry, statuses: Sources['projections']): void => {
  const gauges: readonly (readonly [name: string, help: string, (status: ProjectionStatus) => number])[] = [
    ['position', 'Position in the log that the read model has passed', ({ position }) => Number(position)],
    ['lag_events', 'Events that the read model has not passed yet', ({ lag }) => lag.events],
    ['lag_seconds', 'How long the read model is behind', ({ lag }) => lag.ms / 1000],
    ['parked', '1 while the projection stands at a failing event', ({ state }) => (state === 'parked' ? 1 : 0)],
  ];
  for (const [name, help, valueOf] of gauges) {
    const gauge: Gauge<'projection'> = new Gauge({
      name: `parley_projection_${name}`,
      help,
      labelNames: ['projection'],
      registers: [registry],
      collect: () => {
        for (const status of statuses()) gauge.set({ projection: status.name }, valueOf(status));
      },
    });
  }
};

const watchRelayed = (registry: Registry, now: () => RelayedTailStatus): void => {
  const gauges: readonly (readonly [name: string, help: string, valueOf: (status: RelayedTailStatus) => number])[] = [
    ['live', '1 while events come from relays, 0 while the log is read here', ({ isRelayed }) => (isRelayed ? 1 : 0)],
    ['conversations', 'Conversations whose events are published to this process', ({ conversations }) => conversations],
    ['gaps', 'Times that something relays said did not come, since the start', ({ gaps }) => gaps],
    ['repairs', 'Events that were read from their streams instead, since the start', ({ repairs }) => repairs],
  ];
  for (const [name, help, valueOf] of gauges) {
    const gauge: Gauge = new Gauge({
      name: `parley_relayed_${name}`,
      help,
      registers: [registry],
      collect: () => gauge.set(valueOf(now())),
    });
  }
};

const watchJobs = (registry: Registry, count: () => Promise<JobCounts>): void => {
  const gauge: Gauge<'state'> = new Gauge({
    name: 'parley_jobs',
    help: 'Jobs that are waiting or running (failing: of these, whose last run failed), or parked after too many failures',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      gauge.reset();
      try {
        for (const [state, jobs] of Object.entries(await count())) gauge.set({ state }, jobs);
      } catch (error) {
        // No number is better than a wrong one.
        if (!(error instanceof JobsUnavailable)) throw error;
      }
    },
  });
};

const watchRealtime = (registry: Registry, now: () => Readonly<RealtimeMetrics>): void => {
  const sockets: Gauge = new Gauge({
    name: 'parley_realtime_sockets_open',
    help: 'Open sockets',
    registers: [registry],
    collect: () => sockets.set(now().socketsOpen),
  });
  const totals = {
    frames_received: ['framesReceived', 'Frames that clients sent'],
    frames_sent: ['framesSent', 'Frames sent to clients'],
    bytes_sent: ['bytesSent', 'Bytes of frames sent to clients'],
    events_pushed: ['eventsPushed', 'Events that had a listener here'],
    replays: ['replays', 'Connections that got what they had missed'],
    resyncs: ['resyncs', 'Connections that had missed too much'],
  } as const;
  for (const [name, [field, help]] of Object.entries(totals)) {
    const counter: Counter = new Counter({
      name: `parley_realtime_${name}_total`,
      help,
      registers: [registry],
      collect: () => {
        counter.reset();
        counter.inc(now()[field]);
      },
    });
  }
  const closes: Counter<'code'> = new Counter({
    name: 'parley_realtime_closes_total',
    help: 'Closed sockets by close code',
    labelNames: ['code'],
    registers: [registry],
    collect: () => {
      closes.reset();
      for (const [code, count] of now().closes) closes.inc({ code: String(code) }, count);
    },
  });
};
