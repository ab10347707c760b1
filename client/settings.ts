import { defaultConnectionSettings, type ConnectionSettings } from './connection/connection.ts';
import type { HistorySettings } from './store/history.ts';

export interface ClientSettings extends ConnectionSettings, HistorySettings {
  /** Requests by socket in ten seconds, at the most. */
  readonly requestsInTenSeconds: number;
  /** How long messages may gather before the server is told that they have arrived. */
  readonly gatherReceiptsMs: number;
  /** Whether the server is told that messages have arrived here. */
  readonly sendDelivered: boolean;
  /** Whether conversations are kept in the storage, so that they are there after a reload. */
  readonly keepConversations: boolean;
}

export const defaultSettings: ClientSettings = {
  ...defaultConnectionSettings,
  mostMessages: 500,
  tailMessages: 20,
  pageMessages: 50,
  requestsInTenSeconds: 80,
  gatherReceiptsMs: 1_000,
  sendDelivered: true,
  keepConversations: true,
};
