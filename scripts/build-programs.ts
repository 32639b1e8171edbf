// Builds the executables that tests run, if their sources have changed.
import { buildPrograms } from "../test/global-setup.ts";

process.exitCode = buildPrograms() ? 0 : 1;
