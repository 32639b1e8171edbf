// A guest's machine as data, and the QEMU argument vector that runs it. Disks are identified by
// their serial names, never by the letters that the kernel happens to give them.

/** The bus of a disk; "usb-fixed" is a USB disk that reports that it is not removable. */
export type Bus = "virtio" | "usb" | "usb-fixed" | "sata" | "nvme" | "scsi-disc" | "ide-disc";

/** One disk of the guest. */
export interface Disk {
  /** Its serial number, at most 20 plain characters. */
  readonly name: string;
  /** A raw image. */
  readonly file: string;
  /** "virtio" by default. */
  readonly bus?: Bus;
  /** Whether the guest cannot write to it, so that several guests may use it at once. */
  readonly readonly?: boolean;
  /** Set if it is not plugged in when the guest starts. */
  readonly absent?: true;
  /**
   * What is wrong with it: every read fails, those of one sector fail, or few are served per
   * second.
   */
  readonly fault?: "unreadable" | "slow" | { readonly sector: number };
  /**
   * Where each write and flush of the guest is recorded, in their order
   * (test/power-cuts/write-log.ts); virtio only.
   */
  readonly log?: string;
}

/** What a guest starts: a kernel that QEMU itself loads. */
export interface Kernel {
  readonly kernel: string;
  readonly initramfs?: string;
  readonly cmdline: string;
}

/** What a guest starts: the boot loader that its firmware finds on the first disk. */
export interface Firmware {
  /** UEFI's program and variables, which it may change; without them a BIOS. */
  readonly uefi?: { readonly code: string; readonly variables: string };
}

/** The parameters of a guest's machine. */
export interface Machine {
  readonly starts: Kernel | Firmware;
  readonly disks: readonly Disk[];
  readonly memoryMegabytes: number;
  readonly accelerator: Accelerator;
  readonly processors?: number;
  /** The console's log and the port for the guest's facts, both files. */
  readonly console: string;
  readonly facts: string;
  /** The path of the socket on which QEMU accepts commands, which must be short. */
  readonly monitor?: string;
  /**
   * Where the console's serial line comes from and goes to instead: a named pipe with ".in"
   * appended, a file with ".out".
   */
  readonly line?: string;
  /** Strings that the machine is given in the firmware's table. */
  readonly oemStrings?: readonly string[];
  /** The keyboard whose keys are pressed; by default "ps2", which every machine has. */
  readonly keyboard?: Keyboard;
}

/** The bus of a keyboard. */
export type Keyboard = "ps2" | "usb";

/** A way to run the guest; "icount" is emulation whose clock counts instructions. */
export type Accelerator = "tcg" | "icount" | "kvm";

/** Formats the QEMU command that runs a machine. */
export function formatMachine(machine: Machine): string[] {
  const buses = new Set(machine.disks.map(busOf));
  const sata = buses.has("sata") || buses.has("ide-disc") ? "" : ",sata=off";
  return [
    "qemu-system-x86_64",
    // A kernel takes a tenth of its boot for parts that no guest has a use for.
    ...[
      "-machine",
      `q35,vmport=off,smm=off,smbus=off${sata}`,
      "-nodefaults",
      "-no-user-config",
      "-no-reboot",
    ],
    ...acceleration(machine.accelerator),
    ...["-smp", String(machine.accelerator === "icount" ? 1 : (machine.processors ?? 1))],
    ...[
      "-m",
      String(machine.memoryMegabytes),
      "-nic",
      "none",
      "-display",
      "none",
      "-monitor",
      machine.monitor === undefined ? "none" : `unix:${machine.monitor},server=on,wait=off`,
    ],
    ...(machine.oemStrings ?? []).flatMap((text) => [
      "-smbios",
      `type=11,value=${text.replaceAll(",", ",,")}`,
    ]),
    ...consoleOf(machine),
    ...["-serial", `file:${machine.facts}`],
    ...("kernel" in machine.starts ? loadKernel(machine.starts) : loadFirmware(machine.starts)),
    ...(buses.has("usb") || buses.has("usb-fixed") || machine.keyboard === "usb"
      ? ["-device", "qemu-xhci,id=usb"]
      : []),
    ...(machine.keyboard === "usb" ? ["-device", "usb-kbd,bus=usb.0"] : []),
    ...(buses.has("scsi-disc") ? ["-device", "virtio-scsi-pci,id=scsi"] : []),
    ...machine.disks.flatMap((disk, index) =>
      attach(disk, index, index === 0 && !("kernel" in machine.starts)),
    ),
  ];
}

function loadKernel({ kernel, initramfs, cmdline }: Kernel): string[] {
  const initrd = initramfs === undefined ? [] : ["-initrd", initramfs];
  return ["-kernel", kernel, "-append", cmdline, ...initrd];
}

function loadFirmware({ uefi }: Firmware): string[] {
  if (uefi === undefined) return [];
  const flash = (unit: number, file: string, readonly: string) => [
    "-drive",
    `if=pflash,format=raw,unit=${unit},readonly=${readonly},file=${file.replaceAll(",", ",,")}`,
  ];
  return [...flash(0, uefi.code, "on"), ...flash(1, uefi.variables, "off")];
}

/** Formats the monitor's commands that press keys, by their names there ("ret"). */
export function formatKeys(keys: readonly string[]): string {
  return keys.map((key) => `sendkey ${key}`).join("\n");
}

/** Formats the monitor's command that plugs a disk in while the guest runs. */
export function formatPlugging(disks: readonly Disk[], name: string): string {
  const index = disks.findIndex((disk) => disk.name === name);
  return `device_add ${deviceOf(disks[index]!, index)}`;
}

/** Formats the monitor's command that unplugs a disk. */
export function formatPulling(name: string): string {
  return `device_del device-${name}`;
}

function consoleOf({ console, line }: Machine): string[] {
  if (line === undefined) return ["-serial", `file:${console}`];
  return ["-chardev", `pipe,id=line,path=${line.replaceAll(",", ",,")}`, "-serial", "chardev:line"];
}

function acceleration(accelerator: Accelerator): string[] {
  if (accelerator === "kvm") return ["-accel", "kvm", "-cpu", "host"];
  if (accelerator === "icount")
    return ["-accel", "tcg,thread=single", "-icount", "shift=0", "-cpu", "max"];
  // A processor with fewer features makes the kernel set up and emulate less than "max" does.
  return ["-accel", "tcg,thread=multi", "-cpu", "Nehalem"];
}

function attach(disk: Disk, index: number, isBooted: boolean): string[] {
  const id = `disk${index}`;
  if (disk.log !== undefined) return attachRecorded(disk, id, disk.log);
  const format = `if=none,id=${id},format=raw,cache=unsafe,${formatImage(disk)}`;
  const readonly = disk.readonly === true || busOf(disk).endsWith("disc") ? "on" : "off";
  return [
    ...["-drive", `${format},read-only=${readonly}`],
    ...(disk.absent
      ? []
      : ["-device", `${deviceOf(disk, index)}${isBooted ? ",bootindex=0" : ""}`]),
  ];
}

// What the guest flushes has to reach the log, but not this machine's own disk. A disk that can
// neither discard nor write zeros by itself is changed by writes only.
function attachRecorded({ name, file }: Disk, id: string, log: string): string[] {
  const open = (node: string, path: string) =>
    `driver=file,node-name=${node},cache.no-flush=on,filename=${path.replaceAll(",", ",,")}`;
  return [
    ...["-blockdev", open(`${id}-image`, file)],
    ...["-blockdev", open(`${id}-log`, log)],
    "-blockdev",
    `driver=blklogwrites,node-name=${id},file=${id}-image,log=${id}-log,log-sector-size=512`,
    "-device",
    `virtio-blk-pci,drive=${id},id=device-${name},serial=${name},discard=off,write-zeroes=off`,
  ];
}

/** The image, through QEMU's error injection or throttle if the disk is faulty. */
function formatImage({ file, fault }: Disk): string {
  const path = file.replaceAll(",", ",,");
  if (fault === undefined) return `file=${path}`;
  if (fault === "slow") return `file=${path},throttling.iops-total=4`;
  const where = fault === "unreadable" ? "" : `,file.inject-error.0.sector=${fault.sector}`;
  return `file.driver=blkdebug,file.image.filename=${path},file.inject-error.0.event=read_aio${where}`;
}

function deviceOf(disk: Disk, index: number): string {
  const device = `drive=disk${index},id=device-${disk.name},serial=${disk.name}`;
  switch (busOf(disk)) {
    case "virtio":
      return `virtio-blk-pci,${device}`;
    case "usb":
      return `usb-storage,bus=usb.0,removable=on,${device}`;
    case "usb-fixed":
      return `usb-storage,bus=usb.0,removable=off,${device}`;
    case "sata":
      return `ide-hd,bus=ide.${index},${device}`;
    case "nvme":
      return `nvme,${device}`;
    case "scsi-disc":
      return `scsi-cd,bus=scsi.0,${device}`;
    case "ide-disc":
      return `ide-cd,bus=ide.${index},${device}`;
  }
}

function busOf(disk: Disk): Bus {
  return disk.bus ?? "virtio";
}
