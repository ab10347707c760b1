import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { toUuid } from './wire.ts';

const streams = 'event_store.client.streams.streams';

const methods: readonly (readonly [service: string, method: string, features: readonly string[]])[] = [
  [streams, 'read', ['position', 'events']],
  [streams, 'append', []],
  [streams, 'delete', []],
  [streams, 'tombstone', []],
  [streams, 'batchappend', ['deadline_duration']],
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
];

export const supportedMethods = () => {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion('24.2.0');
  for (const [service, name, list] of methods) {
    const method = new features.SupportedMethod();
    method.setServiceName(service);
    method.setMethodName(name);
    method.setFeaturesList([...list]);
    supported.addMethods(method);
  }
  return supported;
};

/** A cluster of one, which leads. */
export const clusterInfo = (host: string, port: number) => {
  const endPoint = new gossip.EndPoint();
  endPoint.setAddress(host);
  endPoint.setPort(port);
  const member = new gossip.MemberInfo();
  member.setInstanceId(toUuid('3f5c1f0a-6a5e-4a53-9c11-0d9b3f4e7a21'));
  member.setTimeStamp(`${BigInt(Date.now()) * 10_000n}`);
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endPoint);
  const cluster = new gossip.ClusterInfo();
  cluster.addMembers(member);
  return cluster;
};
