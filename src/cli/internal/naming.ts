/**
 * Which name means what on a command line: an input owns its plain name, so that no flag that the command gets later
 * changes what a command line means. A flag of the command that an input shadows is written `--run-NAME`.
 */
/** The names of one command's flags. */
export interface Naming {
  /** The name of a flag of the command. */
  readonly of: (flag: string) => string
  /** Whether inputs own a name. */
  readonly isOwned: (name: string) => boolean
}

/** The names beside these inputs, or flags of a command of somebody's own. */
export const make = (inputs: ReadonlyArray<{ readonly name: string }>): Naming => {
  const owned = new Set(inputs.flatMap(({ name }) => [name, dashed(name)]))
  const isOwned = (name: string) => owned.has(name)
  const of = (flag: string): string => isOwned(flag) ? of(`run-${flag}`) : flag
  return { of, isOwned }
}

/** `key_points` may be written `--key-points`. */
export const dashed = (name: string): string => name.replaceAll("_", "-")
