import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { reworded } from "./test/support/reworded.ts";

// The files that take longest, longest first: then neither of two workers waits for the other at
// the end. The table at the end of a run shows what belongs here.
const longest = [
  "test/machines/boot-loaders.test.ts",
  "test/machines/boot-addons.test.ts",
  "test/machines/shutdown.test.ts",
  "test/machines/boot-sessions.test.ts",
  "test/power-cuts/session.test.ts",
  "test/machines/boot-finding.test.ts",
  "test/machines/boot-others.test.ts",
  "test/power-cuts/create-grow.test.ts",
  "test/machines/boot-files.test.ts",
  "test/machines/systemd.test.ts",
  "test/machines/take-over-faults.test.ts",
  "test/power-cuts/install.test.ts",
  "test/machines/readme.test.ts",
  "test/tools/resize-mounted-kills.test.ts",
  "test/tools/resize-kills.test.ts",
  "test/tools/check-kills.test.ts",
  "test/tools/create-kills.test.ts",
  "test/package/install.test.ts",
  "test/package/packages.test.ts",
  "test/tools/check.test.ts",
  "test/tools/list.test.ts",
  "test/tools/resize.test.ts",
  "test/boot/verdict.property.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project, moduleId }: TestSpecification) => {
      const index = longest.findIndex((file) => moduleId === join(import.meta.dirname, file));
      const group = project.config.sequence.groupOrder * (longest.length + 1);
      return group + (index < 0 ? longest.length : index);
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

// Programs that are killed before each of their calls.
const kills = ["test/tools/*-kills.test.ts"];
// The guests of power-cuts and machines, and those that make disks for tests of the tools.
const guests = [
  "test/machines/**/*.test.ts",
  "test/power-cuts/{session,create-grow,install}.test.ts",
  "test/tools/looking.test.ts",
];
const programs = ["tools", "power-cuts", "package"].map((name) => `test/${name}/**/*.test.ts`);

// Real tools on a busy machine: a limit is for ending what hangs, not for measuring.
const limits = { testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    globalSetup: ["test/global-setup.ts"],
    // vitest would leave one of two processors idle.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [reworded()],
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...programs, ...guests],
          ...limits,
          // Nothing here changes what is shared, so modules are loaded once for all files.
          isolate: false,
          pool: "threads",
        },
      },
      { test: { name: "tools", include: programs, exclude: [...kills, ...guests], ...limits } },
      { test: { name: "kills", include: kills, ...limits } },
      {
        test: {
          name: "guests",
          include: guests,
          ...limits,
          sequence: { groupOrder: 1 },
          // A guest waits now and then, for a stick or a person: three keep two processors busy.
          maxWorkers: 3,
        },
      },
    ],
  },
});
