import type { DomainEvent } from '../domain/catalog.ts';
import { parseStream } from '../domain/ids.ts';
import type { RecordedEvent } from '../ports/event-store.ts';

/** What concerns a member also where nobody listens to his conversation yet: whoever is just coming must not miss it. */
const concernsAll: ReadonlySet<string> = new Set<DomainEvent['type']>([
  'ConversationStarted',
  'ConversationChanged',
  'MemberAdded',
  'MemberRemoved',
  'HistoryCleared',
  'MessageHidden',
]);

/** Whom an event is published for: every node, or those where somebody listens to its conversation. */
export type Audience = 'all' | 'listeners';

/** Undefined: no node has a use for it. */
export const audienceOf = ({ stream, type }: Pick<RecordedEvent, 'stream' | 'type'>): Audience | undefined => {
  const { category } = parseStream(stream);
  if (category === 'scheduled') return undefined;
  return category !== 'conversation' || concernsAll.has(type) ? 'all' : 'listeners';
};

/** To be raised when messages change their form, so that processes of two versions do not hear each other. */
const version = 1;

/** The channels that relays publish on. */
export const channels = {
  marks: `relay.${version}/marks`,
  all: `relay.${version}/all`,
  conversation: (stream: string): string => `relay.${version}/${stream}`,
} as const;
