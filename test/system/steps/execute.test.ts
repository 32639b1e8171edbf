// What execute() does of a plan, what it undoes, and in which words it fails; on a machine in
// memory.

import { expect, describe as group, test } from "vitest";
import type { Plan, Step } from "../../../src/core/steps/step.ts";
import { Failure, type FailureCode } from "../../../src/core/text/failure.ts";
import type { System } from "../../../src/system/port/system.ts";
import { execute } from "../../../src/system/steps/execute.ts";
import { directory, file, link } from "../../support/memory/entry.ts";
import { ErrnoError } from "../../support/memory/errors.ts";
import { image } from "../../support/memory/image.ts";
import type { Fault } from "../../support/memory/recorded.ts";
import { createMemory, type Machine, type Memory } from "../../support/memory.ts";

const base = image({ type: "squashfs", tree: { "etc/motd": "as it came\n" }, bytes: 1 << 20 });
const disks = [
  {
    name: "sda",
    content: image({ type: "vfat", tree: { "sysresccd/x86_64/airootfs.sfs": file(base) } }),
  },
  { name: "sdb", content: image({ type: "ext4" }) },
];

function plan(steps: readonly Step[], otherwise?: Plan<string>): Plan<string> {
  return { title: "The plan", steps, result: "done", ...(otherwise ? { otherwise } : {}) };
}

function machine(more: Machine = {}): Memory {
  return createMemory({ disks, files: { mnt: {}, srv: {}, "etc/x": "x" }, ...more });
}

/** Formats the changes as one line each, with only the leading texts among the arguments. */
function changes({ journal }: Memory): string[] {
  return journal.map(({ name, arguments: given }) => {
    const [first, ...others] = given;
    const shown =
      typeof first === "object" && first !== null && "target" in first ? [first.target] : [first];
    return [name, ...shown, ...others.filter((one) => typeof one === "boolean")].join(" ");
  });
}

const store: Step = {
  do: "mount",
  source: "/dev/sdb",
  target: "/mnt",
  type: "ext4",
  readonly: false,
};
const guarded: Step = {
  do: "mount",
  source: "/dev/sda",
  target: "/srv",
  type: "vfat",
  readonly: true,
  guarded: true,
};
const impossible: Step = { do: "move-mount", source: "/nowhere", target: "/mnt" };

group("execute()", () => {
  test("execute() does the steps in their order, and says which plan was done", () => {
    const memory = machine();
    const steps: Step[] = [
      store,
      { do: "make-directory", path: "/mnt/a/b", mode: 0o700 },
      { do: "write-file", path: "/mnt/a/b/text", text: "hello\n" },
      { do: "make-link", path: "/run/here", to: "/mnt/a" },
    ];
    const done = execute(memory.system, plan(steps));
    expect(done).toEqual({ plan: plan(steps), failures: [], checks: [] });
    expect(memory.system.readText("/run/here/b/text")).toBe("hello\n");
    expect(memory.system.status("/mnt/a")?.mode).toBe(0o700);
  });

  test("execute() undoes what was done in reverse order, and then does otherwise", () => {
    const memory = machine();
    const otherwise = plan([{ do: "make-directory", path: "/run/other" }]);
    const steps: Step[] = [
      guarded,
      store,
      { do: "make-link", path: "/run/here", to: "/mnt" },
      { do: "bind", source: "/etc", target: "/tmp", readonly: true },
      impossible,
    ];
    const done = execute(memory.system, plan(steps, otherwise));
    expect(done.plan).toBe(otherwise);
    expect(done.failures).toEqual([
      {
        plan: "The plan",
        step: "move-mount",
        message: 'Cannot move the mount "/nowhere" to "/mnt": no such file or directory',
        hint: "see whether it is still there, and whether /proc and /sys are mounted",
      },
    ]);
    expect(changes(memory)).toEqual([
      "setReadonly /dev/sda true",
      "mount /srv",
      "setReadonly /dev/sda false",
      "mount /mnt",
      "makeLink /run/here",
      "mount /tmp",
      "mount /tmp",
      "mount /mnt",
      "unmount /tmp",
      "removeFile /run/here",
      "unmount /mnt",
      "unmount /srv",
      "makeDirectory /run/other",
    ]);
  });

  test("execute() undoes nothing of what was not done", () => {
    const memory = machine();
    expect(() => execute(memory.system, plan([impossible, store]))).toThrow(Failure);
    expect(changes(memory)).toEqual(["mount /mnt"]);
  });

  test("execute() goes on after an optional step, and tells of it", () => {
    const memory = machine();
    const { failures, plan: done } = execute(
      memory.system,
      plan([
        { ...impossible, optional: true },
        { do: "make-directory", path: "/run/after" },
      ]),
    );
    expect(done.result).toBe("done");
    expect(failures.map(({ message }) => message)).toEqual([
      'Cannot move the mount "/nowhere" to "/mnt": no such file or directory',
    ]);
    expect(memory.system.status("/run/after")?.kind).toBe("directory");
  });

  test("execute() tells every plan's failure, and throws the last where nothing worked", () => {
    const last = plan([{ do: "make-directory", path: "/etc/x/y" }]);
    expect(() => execute(machine().system, plan([impossible], last))).toThrow(
      new Failure(
        "tool",
        'Cannot create the directory "/etc/x/y": file exists',
        "see what has that name now, and try again",
      ),
    );
    const worked = plan([], undefined);
    const { failures } = execute(
      machine().system,
      plan([impossible], { ...last, title: "Second", otherwise: worked }),
    );
    expect(failures.map((failure) => failure.plan)).toEqual(["The plan", "Second"]);
  });

  test("execute() tells why a step failed, not why it could not be undone", () => {
    const memory = machine({ faults: [{ call: "unmount", naming: "/mnt", errno: "EBUSY" }] });
    const otherwise = plan([{ do: "make-directory", path: "/run/other" }]);
    const { failures } = execute(memory.system, plan([guarded, store, impossible], otherwise));
    expect(failures).toHaveLength(1);
    // A failure to undo one step does not prevent undoing the others.
    expect(memory.system.mounts().map(({ target }) => target)).not.toContain("/srv");
  });

  test("execute() lets a bug through", () => {
    const memory = machine();
    const broken: System = {
      ...memory.system,
      mount() {
        throw new TypeError("not a function");
      },
    };
    expect(() => execute(broken, plan([store], plan([])))).toThrow(TypeError);
  });
});

group("a step that fails says so in words", () => {
  const overlay: Step = {
    do: "mount-overlay",
    target: "/mnt",
    lower: ["/etc"],
    upper: "/missing/upper",
    work: "/missing/work",
    options: "",
  };
  const partition: Step = {
    do: "mount-partition",
    device: "/dev/sdb",
    target: "/mnt",
    type: "ext4",
    readonly: false,
  };
  const cases: readonly (readonly [
    step: Step,
    message: string,
    fault?: Fault,
    code?: FailureCode,
  ])[] = [
    [
      { ...store, type: "xfs" },
      'Cannot mount "/dev/sdb" (xfs) on "/mnt" read-write: invalid argument',
    ],
    [
      { ...store, source: "/dev/sdz" },
      'Cannot mount "/dev/sdz" (ext4) on "/mnt" read-write: no such file or directory',
    ],
    [
      { ...store, data: "comit=60" },
      'Cannot mount "/dev/sdb" (ext4) on "/mnt" read-write,comit=60: invalid argument',
    ],
    [
      store,
      'Cannot mount "/dev/sdb" (ext4) on "/mnt" read-write: I/O error',
      { call: "mount", errno: "EIO" },
    ],
    [
      store,
      'Cannot mount "/dev/sdb" (ext4) on "/mnt" read-write: structure needs cleaning',
      { call: "mount", errno: "EUCLEAN" },
      "damaged",
    ],
    [
      { do: "write-file", path: "/etc/record", text: "x" },
      'Cannot write "/etc/record" (1 B): no space left on device',
      { call: "appendFile", errno: "ENOSPC" },
      "no-room",
    ],
    [
      { do: "mount-image", file: "/etc/x", target: "/mnt", type: "squashfs" },
      'Cannot mount the image "/etc/x" (squashfs) on "/mnt" read-only: invalid argument',
    ],
    [
      overlay,
      'Cannot mount an overlay on "/mnt" that keeps changes to "/etc" in "/missing/upper": no such file or directory',
    ],
    [
      { ...guarded, source: "/etc/x" },
      'Cannot mount "/etc/x" (vfat) on "/srv" read-only, with writes to it blocked by the kernel: not a tty',
    ],
    [
      { do: "make-link", path: "/etc/x", to: "/run" },
      'Cannot create the link "/etc/x" to "/run": file exists',
    ],
    [
      { do: "bind", source: "/missing", target: "/mnt", readonly: false },
      'Cannot bind "/missing" to "/mnt": no such file or directory',
    ],
  ];
  for (const [step, message, fault, code = "tool"] of cases) {
    test(`execute() says: ${message}`, () => {
      const { system } = machine(fault ? { faults: [fault] } : {});
      expect(() => execute(system, plan([step]))).toThrow(
        expect.objectContaining({ code, message }),
      );
    });
  }

  const hints: readonly (readonly [step: Step, errno: string, hint: string | undefined])[] = [
    [store, "EROFS", "check whether it is write-protected: blockdev --getro /dev/sdb"],
    [store, "EACCES", "check whether it is write-protected: blockdev --getro /dev/sdb"],
    [store, "EIO", "see the kernel log: dmesg"],
    [overlay, "EINVAL", "see the kernel log: dmesg"],
    [partition, "EINVAL", "see the kernel log: dmesg"],
  ];
  for (const [step, errno, hint] of hints)
    test(`execute() says what to do where ${step.do} fails by ${errno}`, () => {
      const { system } = machine({ faults: [{ call: "mount", errno }] });
      const { failures } = execute(system, plan([step], plan([])));
      expect(failures).toEqual([expect.objectContaining({ hint })]);
    });
});

group("each step", () => {
  test("make-directory-like takes over mode, owner and attributes, but not overlayfs's own", () => {
    const model = directory(
      {},
      {
        mode: 0o1751,
        uid: 7,
        gid: 8,
        xattrs: new Map([
          ["security.selinux", Uint8Array.of(1)],
          ["trusted.overlay.opaque", Uint8Array.of(0x79)],
        ]),
      },
    );
    const { system } = machine({ files: { model, up: {} } });
    execute(system, plan([{ do: "make-directory-like", path: "/up/dir", like: "/model" }]));
    expect(system.status("/up/dir")).toMatchObject({ mode: 0o1751, uid: 7, gid: 8 });
    expect(system.listXattrs("/up/dir")).toEqual(["security.selinux"]);
    expect(system.list("/up")).toEqual(["dir"]);
  });

  test("make-directory-like leaves a directory that is there as it is", () => {
    const { system } = machine({ files: { model: {}, up: directory({}, { mode: 0o700 }) } });
    execute(system, plan([{ do: "make-directory-like", path: "/up", like: "/model" }]));
    expect(system.status("/up")?.mode).toBe(0o700);
  });

  for (const errno of ["EOPNOTSUPP", "EINVAL"]) {
    test(`make-directory-like does without attributes that the file system refuses with ${errno}`, () => {
      const model = directory({}, { xattrs: new Map([["security.selinux", Uint8Array.of(1)]]) });
      const faults: Fault[] = [{ call: "setXattr", errno }];
      const { system } = machine({ files: { model }, faults });
      execute(system, plan([{ do: "make-directory-like", path: "/up", like: "/model" }]));
      expect(system.status("/up")?.mode).toBe(0o755);
    });
  }

  for (const call of ["setOwner", "setMode", "rename"] as const) {
    test(`make-directory-like leaves no half-made directory where ${call} fails`, () => {
      const { system } = machine({ files: { model: {} }, faults: [{ call, errno: "EIO" }] });
      const steps: Step[] = [{ do: "make-directory-like", path: "/up", like: "/model" }];
      expect(() => execute(system, plan(steps))).toThrow(/I\/O error$/);
      expect(system.list("/").filter((name) => name.startsWith("up"))).toEqual([]);
    });
  }

  test("make-directory-like begins anew where a power cut left one half made", () => {
    const { system } = machine({ files: { model: {}, "up.new": directory({}, { mode: 0o700 }) } });
    execute(system, plan([{ do: "make-directory-like", path: "/up", like: "/model" }]));
    expect([system.status("/up")?.mode, system.status("/up.new")]).toEqual([0o755, undefined]);
  });

  test("make-link replaces a link, and no file", () => {
    const { system } = machine({ files: { old: link("/before"), x: "x" } });
    execute(system, plan([{ do: "make-link", path: "/old", to: "/after" }]));
    expect(system.readLink("/old")).toBe("/after");
    expect(() => execute(system, plan([{ do: "make-link", path: "/x", to: "/after" }]))).toThrow();
    expect(system.readText("/x")).toBe("x");
  });

  for (const call of ["createOpen", "appendFile", "sync", "rename"] as const) {
    test(`write-file leaves the old file, and nothing beside it, where ${call} fails`, () => {
      const { system } = machine({ files: { "d/f": "old" }, faults: [{ call, errno: "EIO" }] });
      const steps: Step[] = [{ do: "write-file", path: "/d/f", text: "new" }];
      expect(() => execute(system, plan(steps))).toThrow(Failure);
      expect([system.list("/d"), system.readText("/d/f")]).toEqual([["f"], "old"]);
    });
  }

  test("describe-directory leaves out what the file system cannot keep, and fails otherwise", () => {
    const steps: Step[] = [
      {
        ...{ do: "describe-directory", upper: "/upper", path: "/etc", mode: 0o751, uid: 1, gid: 2 },
        xattrs: { "user.a": "AQ==" },
      },
    ];
    const run = (errno: string) => {
      const faults = [{ call: "setXattr", errno } as const];
      const { system } = machine({ files: { upper: { etc: {} } }, faults });
      execute(system, plan(steps));
      return system.status("/upper/etc");
    };
    expect(run("EOPNOTSUPP")).toMatchObject({ mode: 0o751, uid: 1, gid: 2 });
    expect(() => run("ENOSPC")).toThrow(Failure);
  });

  test("overwrite-file writes over a file of the same length, and nothing else", () => {
    const { system } = machine({ files: { "d/f": "older", "d/link": link("f") } });
    const steps = (path: string, text: string): Step[] => [{ do: "overwrite-file", path, text }];
    execute(system, plan(steps("/d/f", "newer")));
    expect([system.list("/d"), system.readText("/d/f")]).toEqual([["f", "link"], "newer"]);
    for (const [path, text] of [
      ["/d/f", "new"],
      ["/d/f", "longest"],
      ["/d/link", "other"],
      ["/d/none", "other"],
    ] as const)
      expect(() => execute(system, plan(steps(path, text)))).toThrow(Failure);
    expect([system.list("/d"), system.readText("/d/f")]).toEqual([["f", "link"], "newer"]);
  });

  test("a bind that cannot be made read-only is not left behind", () => {
    const memory = machine();
    const failing: System = {
      ...memory.system,
      mount(request) {
        if (request.flags?.includes("remount")) throw new ErrnoError("EPERM");
        memory.system.mount(request);
      },
    };
    const steps: Step[] = [{ do: "bind", source: "/etc", target: "/mnt", readonly: true }];
    expect(() => execute(failing, plan(steps))).toThrow(/operation not permitted$/);
    expect(memory.system.mounts().map(({ target }) => target)).not.toContain("/mnt");
  });

  test("a guarded mount is made while the kernel refuses writes, and the device is as before", () => {
    const memory = machine();
    execute(memory.system, plan([guarded]));
    expect(changes(memory)).toEqual([
      "setReadonly /dev/sda true",
      "mount /srv",
      "setReadonly /dev/sda false",
    ]);
  });

  test("a guarded mount leaves a device that is write-protected as it is", () => {
    const [vfat, ext4] = disks;
    const memory = machine({ disks: [{ ...vfat!, isReadonly: true }, ext4!] });
    execute(memory.system, plan([guarded]));
    expect(changes(memory)).toEqual(["mount /srv"]);
    expect(memory.system.isReadonly("/dev/sda")).toBe(true);
  });

  test("a guarded mount that fails leaves the device as before", () => {
    const memory = machine({ faults: [{ call: "mount", errno: "EUCLEAN" }] });
    expect(() => execute(memory.system, plan([guarded]))).toThrow(/structure needs cleaning$/);
    expect(memory.system.isReadonly("/dev/sda")).toBe(false);
  });

  test("a guarded mount whose device cannot be freed again is not left behind", () => {
    const memory = machine();
    const stuck: System = {
      ...memory.system,
      setReadonly(name, isReadonly) {
        if (!isReadonly) throw new ErrnoError("EIO");
        memory.system.setReadonly(name, isReadonly);
      },
    };
    expect(() => execute(stuck, plan([guarded]))).toThrow(Failure);
    expect(memory.system.mounts().map(({ target }) => target)).not.toContain("/srv");
  });

  test("an overlay's directories may have commas, colons and backslashes in their names", () => {
    const memory = machine({ files: { "a,b:c\\d": { u: {}, w: {} }, mnt: {} } });
    const top = "/a,b:c\\d";
    const steps: Step[] = [
      {
        do: "mount-overlay",
        target: "/mnt",
        lower: [top, "/etc"],
        upper: `${top}/u`,
        work: `${top}/w`,
        options: "index=off",
      },
    ];
    try {
      execute(memory.system, plan(steps));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
    expect(memory.journal.at(-1)?.arguments).toEqual([
      {
        source: "backstore",
        target: "/mnt",
        type: "overlay",
        data: "lowerdir=/a\\,b\\:c\\\\d:/etc,upperdir=/a\\,b:c\\\\d/u,workdir=/a\\,b:c\\\\d/w,index=off",
      },
    ]);
  });
});
