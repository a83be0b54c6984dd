/**
 * Which names a field may have: they become object keys, XML tags, prompt markers and command-line flags.
 */

/** Names that mean something else to JavaScript objects, or to the events and predictions that fields become part of. */
const reserved = new Set(["__proto__", "_tag", "constructor", "prototype", "then", "toJSON", "toString", "valueOf"])

/** Why a field cannot have this name, or undefined if it can. */
export const nameProblem = (name: string): string | undefined => {
  if (name === "") return "a field has a name"
  if (!/^[A-Za-z_]/.test(name)) return `a field name begins with a letter or '_', unlike '${name}'`
  if (!/^\w+$/.test(name)) return `a field name has only letters, digits and '_', unlike '${name}'`
  if (reserved.has(name)) return `a field cannot be named '${name}'`
  return undefined
}
