/**
 * The backslashes of one string: escapes of JSON, or LaTeX and paths that were written without escaping them.
 *
 * A backslash that JSON does not have there shows that the string's backslashes may all be meant to the letter. `\n` and `\t`
 * before a letter are a line break or a tab, or the beginning of a command (`\nu`, `\tan`) or of a folder (`C:\Users\new`). What
 * comes after such a sign, or before it, and could be both, is nothing that can be read.
 */
import { type Escape, isLetter, readEscape } from "./escape.ts"

export class Backslashes {
  /** Whether the backslash stands behind the letter of a drive. */
  readonly #isBehindDrive: () => boolean
  /** What the backslashes so far, that JSON does not have, belong to. */
  #others: "nothing" | "commands" | "path" = "nothing"
  /** A line break or a tab stood before a letter; one that could be a command, too. */
  #hasControls = false
  #hasCommands = false

  constructor(isBehindDrive: () => boolean) {
    this.#isBehindDrive = isBehindDrive
  }

  /** Another string begins. */
  begin(): void {
    this.#others = "nothing"
    this.#hasControls = this.#hasCommands = false
  }

  /**
   * Reads the escape whose backslash is at an index. Undefined where the text ends before it is known what it says.
   */
  read(text: string, at: number): Escape | "unclear" | undefined {
    const escape = readEscape(text, at)
    if (escape === undefined) return undefined
    const char = text[at + 1]!
    if (!isLetter(char.charCodeAt(0) | 32)) {
      return mathBrackets.includes(char)
        ? this.#other("commands", escape)
        : escape
    }
    if (escape.text.length === 1) return "ux".includes(char) ? escape : this.#control(text, at, escape)
    const end = wordEnd(text, at + 1)
    if (end === text.length && end - at <= longestCommand) return undefined
    const isCommand = !this.#isBehindDrive() &&
      (end === at + 2 || "bfnrt".includes(char) || commands.has(text.slice(at + 1, end)))
    return this.#other(isCommand ? "commands" : "path", escape)
  }

  /** A line break or a tab, unless the characters around it show that a backslash and a letter were meant. */
  #control(text: string, at: number, escape: Escape): Escape | "unclear" | undefined {
    const first = text.charCodeAt(at + 2)
    if (Number.isNaN(first)) return undefined
    if (!isLetter(first)) return escape
    if (this.#others === "path" || this.#isBehindDrive()) return "unclear"
    this.#hasControls = true
    // Most words need not have come to their end to be known.
    if (!secondLetters(text[at + 1]!).includes(text[at + 2]!)) return escape
    const end = wordEnd(text, at + 2)
    if (end === text.length && end - at <= longestCommand) return undefined
    const word = text.slice(at + 1, end)
    if (!maybeCommands.has(word)) return escape
    if (behindCommand.includes(text[end] ?? " ")) {
      return this.#other("commands", { text: text.slice(at, at + 2), end: at + 2 })
    }
    if (this.#others === "commands") {
      return maybeWords.has(word) ? "unclear" : { text: text.slice(at, at + 2), end: at + 2 }
    }
    this.#hasCommands = true
    return escape
  }

  /** A backslash that JSON does not have: what was read before may have been meant like it. */
  #other(others: "commands" | "path", escape: Escape): Escape | "unclear" {
    if (this.#others !== "path") this.#others = others
    return (this.#others === "path" ? this.#hasControls : this.#hasCommands) ? "unclear" : escape
  }
}

/** Where a word of letters ends, at most one character behind the longest command. */
const wordEnd = (text: string, from: number): number => {
  let end = from
  while (end < text.length && end - from <= longestCommand && isLetter(text.charCodeAt(end) | 32)) end++
  return end
}

/** No name of a command is longer. */
const longestCommand = 20

/** What follows a command at once, but no word. */
const behindCommand = "_^{}$"

/** Brackets that LaTeX and regular expressions have behind a backslash. */
const mathBrackets = "()[]{}"

/** Commands that are the beginning of a word behind a line break or a tab; and those of which the rest is one. */
const maybeCommands: ReadonlySet<string> = new Set(["nu", "ne", "neg", "ni", "near", "to", "tan", "top", "tag"])
const maybeWords: ReadonlySet<string> = new Set(["ne", "neg", "ni", "near", "top", "tag"])

const secondLetters = (first: string): string => first === "n" ? "uei" : first === "t" ? "oa" : ""

/** Commands of LaTeX, as far as they do not begin with a letter that JSON has behind a backslash. */
const commands: ReadonlySet<string> = new Set(
  ("alpha gamma delta epsilon varepsilon zeta eta vartheta iota kappa lambda mu xi pi varpi varrho sigma varsigma upsilon phi " +
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega sum prod int iint oint lim limsup liminf log " +
    "ln lg exp sin cos cot sec csc sinh cosh arcsin arccos arctan max min sup inf det dim deg gcd ker arg Pr mod pmod bmod left " +
    "le leq ge geq gg ll lt gt approx equiv sim simeq cong propto perp parallel mid cdot cdots ldots dots vdots ddots pm mp div " +
    "ast star circ cap cup subset subseteq supset supseteq in setminus emptyset varnothing forall exists lnot land lor wedge vee " +
    "oplus otimes partial infty infinity hbar ell Re Im aleph angle prime sqrt cbrt over underline overline overbrace underbrace " +
    "hat widehat vec dot ddot acute grave check mathbb mathrm mathbf mathcal mathit mathsf mathfrak mathscr mathop operatorname " +
    "displaystyle limits label quad qquad hspace vspace space hline hfill item section subsection subsubsection paragraph " +
    "emph cite caption color centering maketitle document usepackage input include includegraphics def let end underset overset " +
    "stackrel substack choose dfrac cfrac lfloor lceil langle lvert lVert Vert vert lbrace lbrack leftarrow leftrightarrow " +
    "leftharpoonup longrightarrow longleftarrow longmapsto mapsto uparrow downarrow Rightarrow Leftarrow Leftrightarrow Longrightarrow " +
    "Uparrow Downarrow implies iff because models vdash Big Bigg big bigg bigl bigr Bigl Bigr large Large LARGE huge small " +
    "square blacksquare Box Diamond diamond checkmark dagger ddagger copyright degree cancel xrightarrow LaTeX TeX " +
    "hphantom vphantom phantom smash overrightarrow dotsb dotsc dotsm colon mathring sqcup sqcap cosec")
    .split(" ")
)
