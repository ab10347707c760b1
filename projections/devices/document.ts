/** A device that is signed in. Collection `devices`, id `<userId>/<deviceId>`. */
export interface DeviceDocument {
  readonly userId: string;
  readonly deviceId: string;
  readonly name: string;
  readonly platform: string | null;
  readonly createdAt: string;
}
