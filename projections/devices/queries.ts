import type { ModelReader } from '../model-reader.ts';
import type { DeviceQueries } from '../queries.ts';
import type { DeviceDocument } from './document.ts';

export const createDeviceQueries = (devices: ModelReader): DeviceQueries => ({
  devices: (userId) =>
    devices.all<DeviceDocument>('devices', { index: 'byUser', equal: [userId] }, ({ createdAt, deviceId }) => [
      createdAt,
      deviceId,
    ]),
});
