// Device nodes by the names of disks. A scenario's texts and patterns name a disk, "<store>", or
// its first partition, "<store:1>"; its node depends on the machine.

import type { Lane } from "./lane.ts";
import type { Disk } from "./machine.ts";

/**
 * Returns the node of a disk or partition as a pattern: any letter matches if the kernel assigns it
 * by chance.
 */
export type FindNode = (name: string) => string;

/** Returns a function for the nodes of a guest's disks. */
export function makeNodes(lane: Lane, disks: readonly Disk[]): FindNode {
  return (text) => {
    const [name, partition] = text.split(":");
    const disk = disks.find((one) => one.name === name);
    if (disk === undefined)
      throw new Error(`Cannot tell the node of "${text}": there is no such disk`);
    const node = lane === "uml" ? `ubd${letterOf(disks.indexOf(disk))}` : nameInQemu(disk, disks);
    const isNumbered = /\d$/.test(node);
    return `/dev/${node}${partition === undefined ? "" : `${isNumbered ? "p" : ""}${partition}`}`;
  };
}

/** Replaces the names of disks in a text by their nodes. */
export function placeNodes(text: string, find: FindNode): string {
  return text.replace(placeholder, (_, name: string) => {
    const node = find(name);
    if (node.includes("[")) throw new Error(`Cannot write the node of "${name}": it is chance`);
    return node;
  });
}

/** Replaces the names of disks in a pattern. */
export function placeNodesIn(pattern: RegExp, find: FindNode): RegExp {
  const source = pattern.source.replace(placeholder, (_, name: string) => find(name));
  return new RegExp(source, pattern.flags);
}

const placeholder = /<([a-z][\w.-]*(?::\d+)?)>/gi;

function nameInQemu(disk: Disk, disks: readonly Disk[]): string {
  const kind = kindOf(disk);
  const alike = disks.filter((other) => kindOf(other) === kind);
  const index = alike.indexOf(disk);
  if (kind === "nvme") return `nvme${index}n1`;
  if (kind === "sr") return `sr${index}`;
  const isChance = kind === "sd" && alike.length > 1;
  return `${kind}${isChance ? `[a-${letterOf(alike.length - 1)}]` : letterOf(index)}`;
}

function kindOf({ bus = "virtio" }: Disk): "vd" | "sd" | "nvme" | "sr" {
  if (bus === "virtio") return "vd";
  if (bus === "nvme") return "nvme";
  return bus.endsWith("disc") ? "sr" : "sd";
}

function letterOf(index: number): string {
  return "abcdefghijklmnopqrstuvwxyz"[index]!;
}
