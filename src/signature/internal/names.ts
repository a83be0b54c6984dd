/**
 * Which names a field may have: they become object keys, XML tags, prompt markers and command-line flags. Letters may be of
 * any script.
 */

/** Names that mean something else to JavaScript objects, or to the events and predictions that fields become part of. */
const reserved = new Set(["__proto__", "_tag", "constructor", "prototype", "then", "toJSON", "toString", "valueOf"])

/** Why a field cannot have this name, or undefined if it can. */
export const nameProblem = (name: string): string | undefined => {
  if (name === "") return "a field has a name"
  if (!/^[\p{L}\p{Nl}_]/u.test(name)) return `a field name begins with a letter or '_', unlike '${name}'`
  const other = notInName.exec(name)?.[0]
  if (other !== undefined) {
    const which = seen.test(other) ? "" : `, which has ${codePoint(other)}`
    return `a field name has only letters, digits and '_', unlike '${name}'${which}`
  }
  const normal = name.normalize("NFC")
  if (name !== normal) {
    return `write '${normal}' in Unicode's normal form NFC: '${name}' has the same look in other characters`
  }
  return reserved.has(name) ? `a field cannot be named '${name}'` : undefined
}

/** A function that says why a field cannot have its name beside those of the fields before it, or undefined if it can. */
export const beside = (): (name: string) => string | undefined => {
  const known = new Map<string, string>()
  return (name) => {
    const before = known.get(look(name))
    known.set(look(name), name)
    return before === undefined
      ? undefined
      : before === name
      ? `the field '${name}' is there twice`
      : `the fields '${before}' and '${name}' look the same, but are written with other characters`
  }
}

/** Marks that combine with a letter belong to it. An invisible character would make two names that look the same. */
const notInName = /(?:(?![\p{L}\p{M}\p{Nd}\p{Nl}_])|(?=\p{Default_Ignorable_Code_Point}))[^]/u
const seen = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u
const codePoint = (char: string): string => `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`

// What names look like

/** A name as it looks: letters of other scripts that look like Latin ones are those, and so are wide and joined ones. */
const look = (name: string): string =>
  ascii.test(name) ? name : Array.from(name.normalize("NFKC"), (char) => latin.get(char) ?? char).join("")

const ascii = /^\w*$/

/** Cyrillic and Greek letters by the Latin ones that they look like. */
const latin: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "\u0410\u0391": "A",
    "\u0412\u0392": "B",
    "\u0421\u03f9": "C",
    "\u0415\u0395": "E",
    "\u041d\u0397": "H",
    "\u0406\u0399\u04c0": "I",
    "\u0408\u037f": "J",
    "\u041a\u039a": "K",
    "\u041c\u039c": "M",
    "\u039d": "N",
    "\u041e\u039f": "O",
    "\u0420\u03a1": "P",
    "\u0405": "S",
    "\u0422\u03a4": "T",
    "\u0425\u03a7": "X",
    "\u04ae\u03a5": "Y",
    "\u0396": "Z",
    "\u0430": "a",
    "\u0441\u03f2": "c",
    "\u0501": "d",
    "\u0435": "e",
    "\u04bb": "h",
    "\u0456": "i",
    "\u0458\u03f3": "j",
    "\u043e\u03bf": "o",
    "\u0440": "p",
    "\u051b": "q",
    "\u0455": "s",
    "\u03bd": "v",
    "\u051d": "w",
    "\u0445": "x",
    "\u0443": "y"
  }).flatMap(([others, letter]) => Array.from(others, (other) => [other, letter] as const))
)
