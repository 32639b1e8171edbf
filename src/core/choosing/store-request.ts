// What the options ask for: one device with a directory store, a file to look for, or no store, with the reason and
// whether somebody wanted one all the same.
import { type DeviceReference, describeReference } from "../devices/device-reference.ts";
import type { Options } from "../options/options.ts";
import { defaultStoreName } from "../stores/store-names.ts";
import { formatQuoted } from "../text/quoted.ts";

/**
 * What the options ask for: a device, a file, or none with the reason; `isMissed` where one was wanted, `isRefused` where
 * a problem of the options is the reason.
 */
export type StoreRequest =
  | { readonly reference: DeviceReference }
  | { readonly file: FileRequest }
  | { readonly none: string; readonly isMissed: boolean; readonly isRefused?: true };

/** Says which file is looked for, and where. */
export interface FileRequest {
  /** From the top of its host ("/sysrcd.bs"). */
  readonly path: string;
  /** Whether all devices are looked on, and not only those that are removable. */
  readonly alldev: boolean;
  /** The only device to look on. */
  readonly device: DeviceReference | undefined;
  /** Whether anybody gave the option, so that slow devices are waited for. */
  readonly isExplicit: boolean;
  /** Whether a store was asked for, so that it is missed where there is none. */
  readonly isAsked: boolean;
}

/** Is the file that is looked for where nobody names one, at the top of its host. */
export const defaultStorePath = `/${defaultStoreName}`;

/** Chooses what to look for. */
export function chooseRequest(options: Options): StoreRequest {
  const { off, alldev, path, device, required, explicit } = options.backstore.value;
  if (off) return { none: "backstore=off asks for none", isMissed: false };
  if (options.refused !== undefined)
    return { none: options.refused, isMissed: true, isRefused: true };
  if (options.cow_device.value) return { reference: options.cow_device.value };
  if (options.cow_label.value !== undefined)
    return { reference: { kind: "label", value: options.cow_label.value } };
  return {
    file: {
      path: path ?? defaultStorePath,
      alldev,
      device,
      isExplicit: explicit,
      isAsked: alldev || path !== undefined || device !== undefined || required,
    },
  };
}

/** Describes what is waited for and looked for, to stand after "there is no" ('"/sysrcd.bs" on removable devices'). */
export function describeFileRequest({ path, alldev, device }: FileRequest): string {
  const where = device
    ? `the device that is ${describeReference(device)}`
    : alldev
      ? "any device"
      : "removable devices";
  return `${formatQuoted(path)} on ${where}`;
}
