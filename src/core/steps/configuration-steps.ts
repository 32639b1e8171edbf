// The step that makes the effective configuration of SystemRescue: its units read that file instead
// of the medium's YAML files and the command line, and fail without it. The program of the base
// that makes it is the authority on what is in it.
import { formatPath } from "../text/quoted.ts";

/** The arguments of each kind of step. */
export interface ConfigurationStepArguments {
  /**
   * Makes the configuration with the base's own program; does nothing if the base has none. Fails
   * if the configuration is missing or incomplete afterwards.
   */
  "make-configuration": {
    /** Where the base is mounted. */
    readonly base: string;
    /** Where the medium, or its copy, is mounted. */
    readonly medium: string;
    /** The paths of the YAML files on it. */
    readonly files: readonly string[];
    /** A mount point for the time being. */
    readonly at: string;
  };
}

/** The program in the base. */
export const configurationProgram = "/usr/bin/sysrescue-configuration.lua";

/** The directory of what it makes, which only root may enter. */
export const configurationDirectory = "/run/archiso/config";

/** The file that it makes, which only root may read: it may contain passwords. */
export const configurationFile = `${configurationDirectory}/sysrescue-effective-config.json`;

/** Descriptions of each kind of step. */
export const configurationDescribers: {
  readonly [Kind in keyof ConfigurationStepArguments]: (
    step: ConfigurationStepArguments[Kind],
  ) => string;
} = {
  "make-configuration": ({ base }) =>
    `write ${formatPath(configurationFile)} with ${formatPath(configurationProgram)} of ${formatPath(base)}, if that is there`,
};
