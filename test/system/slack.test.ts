import { loadTraffic } from '../support/traffic.ts';
import { noServers } from './suites/settings.ts';
import { slackSuite } from './suites/slack.ts';

slackSuite({ title: 'Nine days of a community', traffic: loadTraffic(), socketsOf: 250, settings: noServers });
