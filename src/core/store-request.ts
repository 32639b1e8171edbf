// What the options ask for: one device, or no store, with the reason and whether somebody wanted one all the same.
import type { DeviceReference } from "./device-reference.ts";
import type { Options } from "./options.ts";

/** Says which store the options ask for: a device, or none with the reason; `isMissed` where one was wanted. */
export type StoreRequest =
  | { readonly reference: DeviceReference }
  | { readonly none: string; readonly isMissed: boolean };

/** Chooses what to look for. */
export function chooseRequest(options: Options): StoreRequest {
  const { off, alldev, path, device, required } = options.backstore.value;
  if (off) return { none: "backstore=off asks for none", isMissed: false };
  if (options.refused !== undefined) return { none: options.refused, isMissed: true };
  if (options.cow_device.value) return { reference: options.cow_device.value };
  if (options.cow_label.value !== undefined)
    return { reference: { kind: "label", value: options.cow_label.value } };
  if (alldev || path !== undefined || device || required)
    return {
      none: "file stores (backstore=) are not found by this version yet",
      isMissed: true,
    };
  return { none: "no store was asked for", isMissed: false };
}

/** Tells whether somebody asked for a store, in whatever way. */
export function wantsStore(options: Options): boolean {
  const request = chooseRequest(options);
  return "reference" in request || request.isMissed;
}
