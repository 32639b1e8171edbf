// The kernel modules in an initramfs: those needed between the firmware and the root file system on
// the machines that people have, and nothing else. Kernels differ, so a missing module is skipped.
// A path ending in "/" stands for all modules in that directory of the kernel's tree, but not below
// it.

/** One row: which modules are included, and why. */
export interface WantedGroup {
  readonly group: string;
  readonly why: string;
  readonly modules: readonly string[];
  /**
   * What the kernel requests by name (request_module), often an alias: every module that answers to
   * it is included.
   */
  readonly requests?: readonly string[];
}

/** The modules that an initramfs contains, in the order in which they are shown. */
export const wantedGroups: readonly WantedGroup[] = [
  {
    group: "USB",
    why: "USB sticks, disks and keyboards are attached to these controllers",
    modules: [
      ..."xhci-pci xhci-hcd xhci-pci-renesas ehci-pci ehci-hcd ohci-pci ohci-hcd uhci-hcd".split(
        " ",
      ),
      ..."xhci-plat-hcd ehci-platform ohci-platform".split(" "),
    ],
  },
  {
    group: "USB storage",
    why: "USB sticks, disks and card readers",
    modules: ["drivers/usb/storage/", "uas"],
  },
  {
    group: "keyboards",
    why: "questions at the console need one; the HID drivers are for keyboards that the generic driver does not handle",
    modules: [
      ..."usbhid hid-generic i8042 atkbd hid-hyperv hyperv-keyboard applespi surface_kbd".split(
        " ",
      ),
      ..."i2c-hid i2c-hid-acpi surface_hid surface_aggregator_registry".split(" "),
      ..."hid-a4tech hid-alps hid-apple hid-asus hid-belkin hid-cherry hid-chicony hid-corsair".split(
        " ",
      ),
      ..."hid-cougar hid-cypress hid-elan hid-ezkey hid-glorious hid-google-hammer hid-gyration".split(
        " ",
      ),
      ..."hid-holtek-kbd hid-icade hid-ite hid-kensington hid-keytouch hid-lenovo hid-lg-g15".split(
        " ",
      ),
      ..."hid-logitech hid-logitech-dj hid-logitech-hidpp hid-macally hid-maltron hid-microsoft".split(
        " ",
      ),
      ..."hid-monterey hid-multitouch hid-nti hid-ortek hid-petalynx hid-primax".split(" "),
      ..."hid-redragon hid-roccat-arvo hid-roccat-isku hid-roccat-ryos hid-samsung hid-semitek".split(
        " ",
      ),
      ..."hid-steelseries hid-sunplus hid-tivo hid-topseed hid-twinhan hid-vivaldi hid-zydacron".split(
        " ",
      ),
    ],
  },
  {
    group: "SATA and IDE",
    why: "disks and drives of PCs, and of most emulators",
    modules: ["drivers/ata/"],
  },
  {
    group: "NVMe",
    why: "disks on PCI Express, also behind Intel's volume management",
    modules: ["nvme", "vmd"],
  },
  {
    group: "memory cards",
    why: "SD cards and eMMC, in PCI, ACPI and USB readers, and UFS",
    modules: [
      "drivers/mmc/host/",
      ..."mmc_block rtsx_pci rtsx_usb tifm_7xx1 cb710 alcor_pci ufshcd-pci".split(" "),
    ],
  },
  {
    group: "SCSI",
    why: "disks and discs as all of USB, SATA and SCSI show them, and the controllers of servers",
    modules: [
      ..."sd_mod sr_mod mptspi mptsas mpt3sas mpi3mr megaraid_sas megaraid_mbox megaraid".split(
        " ",
      ),
      ..."aacraid hpsa smartpqi arcmsr 3w-9xxx 3w-sas 3w-xxxx aic7xxx aic79xx aic94xx isci".split(
        " ",
      ),
      ..."mvsas mvumi pm80xx hptiop stex esas2r ips ipr pmcraid initio a100u2w am53c974 advansys".split(
        " ",
      ),
      ..."atp870u dc395x dmx3191d qla1280 sym53c8xx BusLogic myrb myrs wd719x cciss".split(" "),
    ],
  },
  {
    group: "virtual machines",
    why: "disks of QEMU and KVM, Hyper-V, VMware and Xen",
    modules: [
      ..."virtio_blk virtio_scsi virtio_pci virtio_mmio virtio_input".split(" "),
      ..."hv_vmbus hv_storvsc pci-hyperv vmw_pvscsi xen-blkfront xen-scsifront".split(" "),
    ],
  },
  {
    group: "device mapper",
    why: "encrypted disks",
    modules: [
      ..."dm-mod dm-crypt aesni-intel aes_generic xts cbc ecb ctr cts essiv".split(" "),
      ..."sha1_generic sha1-ssse3 sha256_generic sha256-ssse3 sha512_generic sha512-ssse3".split(
        " ",
      ),
      ..."hmac authenc af_alg algif_hash algif_skcipher".split(" "),
    ],
  },
  {
    group: "the live system",
    why: "compressed images, and changes over them",
    modules: ["overlay", "loop", "squashfs", "erofs"],
  },
  {
    group: "file systems",
    why: "what media, stores and the hosts of store files are formatted with",
    modules: [..."ext4 ext3 ext2 xfs btrfs f2fs vfat msdos exfat ntfs3 ntfs isofs udf".split(" ")],
  },
  {
    group: "code pages",
    why: "names on vfat, exfat, ntfs and discs; vfat cannot be mounted without its default ones",
    modules: [
      ..."nls_ascii nls_utf8 nls_cp437 nls_cp737 nls_cp775 nls_cp850 nls_cp852 nls_cp855".split(
        " ",
      ),
      ..."nls_cp857 nls_cp860 nls_cp861 nls_cp862 nls_cp863 nls_cp864 nls_cp865 nls_cp866".split(
        " ",
      ),
      ..."nls_cp869 nls_cp874 nls_cp1250 nls_cp1251 nls_cp1255 nls_iso8859-1 nls_iso8859-2".split(
        " ",
      ),
      ..."nls_iso8859-5 nls_iso8859-7 nls_iso8859-9 nls_iso8859-13 nls_iso8859-15 nls_koi8-r".split(
        " ",
      ),
      ..."nls_koi8-u nls_koi8-ru".split(" "),
    ],
  },
  {
    group: "checksums and compression",
    why: "file systems request them by name, so no dependency lists them",
    modules: [
      ..."crc32c_generic crc32c-intel crc32c crc32c-cryptoapi libcrc32c crc32_generic".split(" "),
      ..."crc32-pclmul crc32-cryptoapi crct10dif_generic crct10dif-pclmul crc64_rocksoft_generic".split(
        " ",
      ),
      ..."xxhash_generic blake2b_generic blake2b zstd lz4 lz4hc lzo lzo-rle deflate".split(" "),
    ],
    // crypto_alloc_shash() and crypto_alloc_comp() with the names that btrfs, xfs, ext4, f2fs and
    // their verity ask for.
    requests: [
      ..."crypto-crc32c crypto-crc32 crypto-crct10dif crypto-crc64-rocksoft crypto-xxhash64".split(
        " ",
      ),
      ..."crypto-sha256 crypto-sha512 crypto-blake2b-256 crypto-zstd crypto-lz4 crypto-lz4hc".split(
        " ",
      ),
      ..."crypto-lzo crypto-lzo-rle crypto-deflate".split(" "),
    ],
  },
  {
    group: "quotas and case",
    why: "ext4 and f2fs with quotas, or with names without case, request them when they are mounted",
    modules: ["quota_v1", "quota_v2", "utf8data"],
    // find_quota_format(), and symbol_request() of utf8_load().
    requests: ["symbol:utf8_data_table"],
  },
];

/** The modules without which a live system cannot boot: at least one of each row is required. */
export const essentialModules: readonly (readonly string[])[] = [
  ["overlay"],
  ["loop"],
  ["squashfs", "erofs"],
];
