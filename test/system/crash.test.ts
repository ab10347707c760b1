import { noServers } from './suites/settings.ts';
import { crashSuite } from './suites/crash.ts';

crashSuite({ title: 'A server', people: 12, kills: 22, settings: noServers });
