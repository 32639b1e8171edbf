import { describe, expect, test } from "vitest";
import {
  chooseRequest,
  describeFileRequest,
  type FileRequest,
  type StoreRequest,
} from "../../../src/core/choosing/store-request.ts";
import { optionsOf } from "../../support/devices.ts";

const usual: FileRequest = {
  path: "/sysrcd.bs",
  alldev: false,
  device: undefined,
  isExplicit: true,
  isAsked: true,
};
const label = (value: string) => ({ kind: "label", value }) as const;

describe("chooseRequest()", () => {
  const cases: readonly (readonly [commandLine: string, request: StoreRequest])[] = [
    ["", { file: { ...usual, isExplicit: false, isAsked: false } }],
    ["backstore=", { file: { ...usual, isExplicit: false, isAsked: false } }],
    [
      "cow_directory=x cow_flags=noatime",
      { file: { ...usual, isExplicit: false, isAsked: false } },
    ],
    ["backstore", { file: { ...usual, isAsked: false } }],
    ["backstore=wait=3", { file: { ...usual, isAsked: false } }],
    ["backstore=readonly", { file: { ...usual, isAsked: false } }],
    ["backstore=required", { file: usual }],
    ["backstore=alldev", { file: { ...usual, alldev: true } }],
    ["backstore=/my.bs", { file: { ...usual, path: "/my.bs" } }],
    ["backstore=alldev,/a//b/./my.bs", { file: { ...usual, alldev: true, path: "/a/b/my.bs" } }],
    ["backstore=LABEL=x", { file: { ...usual, device: label("x") } }],
    [
      "backstore=/dev/sdb1,/my.bs,readonly",
      { file: { ...usual, path: "/my.bs", device: { kind: "path", path: "/dev/sdb1" } } },
    ],
    ["cow_label=x", { reference: label("x") }],
    ["cow_device=/dev/sda1", { reference: { kind: "path", path: "/dev/sda1" } }],
    ["cow_label=x backstore=alldev,/my.bs", { reference: label("x") }],
    ["backstore=directory=LABEL=x", { reference: label("x") }],
    ["cow_label=x backstore=directory=LABEL=y", { reference: label("x") }],
    ["backstore=off,directory=LABEL=x", { none: "backstore=off asks for none", isMissed: false }],
    ["cow_label=x backstore=required", { reference: label("x") }],
    ["cow_label=x backstore=off", { none: "backstore=off asks for none", isMissed: false }],
    ["backstore=off,required,alldev", { none: "backstore=off asks for none", isMissed: false }],
    [
      "backstore=alldev,/../x",
      {
        none: 'Cannot use the path of backstore "/../x": ".." would lead out of the file system',
        isMissed: true,
        isRefused: true,
      },
    ],
  ];
  for (const [commandLine, request] of cases) {
    test(`chooseRequest() decides what "${commandLine}" asks for`, () => {
      expect(chooseRequest(optionsOf(commandLine))).toEqual(request);
    });
  }
});

describe("describeFileRequest()", () => {
  const cases: readonly (readonly [request: FileRequest, words: string])[] = [
    [usual, '"/sysrcd.bs" on removable devices'],
    [{ ...usual, alldev: true, path: "/a\n" }, '"/a\\n" on any device'],
    [{ ...usual, device: label("x") }, '"/sysrcd.bs" on the device that is labelled "x"'],
  ];
  for (const [request, words] of cases) {
    test(`describeFileRequest() says ${words}`, () => {
      expect(describeFileRequest(request)).toBe(words);
    });
  }
});
