// What the options request: one device with a directory store, a file to search for, or no store,
// with the reason and whether one was wanted anyway.
import { type DeviceReference, describeReference } from "../devices/device-reference.ts";
import type { Options } from "../options/options.ts";
import { defaultStoreName } from "../stores/store-names.ts";
import { formatQuoted } from "../text/quoted.ts";

/**
 * The request in the options: a device, a file, or none with the reason; `isMissed` if one was
 * wanted, `isRefused` if a problem of the options is the reason.
 */
export type StoreRequest =
  | { readonly reference: DeviceReference }
  | { readonly file: FileRequest }
  | { readonly none: string; readonly isMissed: boolean; readonly isRefused?: true };

/** A file to search for, and the devices to search. */
export interface FileRequest {
  /** From the top of its host ("/sysrcd.bs"). */
  readonly path: string;
  /** Whether all devices are searched, not only removable ones. */
  readonly alldev: boolean;
  /** The only device to search. */
  readonly device: DeviceReference | undefined;
  /** Whether the option was given, so that slow devices are waited for. */
  readonly isExplicit: boolean;
  /** Whether a store was requested, so that it is missed if there is none. */
  readonly isAsked: boolean;
}

/** The file that is searched for by default, at the top of its host. */
export const defaultStorePath = `/${defaultStoreName}`;

/** Chooses what to search for. */
export function chooseRequest(options: Options): StoreRequest {
  const { off, alldev, path, directory, device, required, explicit } = options.backstore.value;
  if (off) return { none: "backstore=off asks for none", isMissed: false };
  if (options.refused !== undefined)
    return { none: options.refused, isMissed: true, isRefused: true };
  if (options.cow_device.value) return { reference: options.cow_device.value };
  if (options.cow_label.value !== undefined)
    return { reference: { kind: "label", value: options.cow_label.value } };
  if (directory !== undefined) return { reference: directory };
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

/**
 * Describes what is waited for and searched for, as the continuation of "there is no"
 * ('"/sysrcd.bs" on removable devices').
 */
export function describeFileRequest({ path, alldev, device }: FileRequest): string {
  const where = device
    ? `the device that is ${describeReference(device)}`
    : alldev
      ? "any device"
      : "removable devices";
  return `${formatQuoted(path)} on ${where}`;
}
