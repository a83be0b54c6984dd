/**
 * An element of an output field, while it is read.
 */
import type { Strength } from "./tags.ts"

export type Mode = "live" | "items" | "kept" | "void"

/** One element of an output field. */
export class Element {
  readonly name: string
  readonly strength: Strength
  /** Where its opening tag stands. */
  readonly position: number
  /**
   * What becomes of its value: written as it comes (`live`), kept as an item (`items`), kept to the reply's end (`kept`), or
   * dropped (`void`).
   */
  mode: Mode
  readonly text: Array<string> = []
  /** Its value, if it is no text. */
  json: string | undefined
  /** Where its content begins. */
  start = 0
  /** How many elements of the same name are open in it. */
  depth = 0
  isClosed = false
  /** It has nothing but white space in it; no text stands before it. */
  isBlank = true
  isAlone = true
  /** The reply ends in its closing tag. */
  isCut = false
  /** The last closing tag closes an element of the same name inside. */
  isNested = false
  /** An opening tag inside looks as much like the beginning as its own. */
  isEven = false
  /** The closing tag stands twice, and nothing else tells that the first is content. */
  isDoubled = false
  /** A closing tag turned out to be content. */
  hasReturned = false
  isDoubtful = false
  /** What is wrong with a value that is kept. */
  problem: string | undefined
  /** What would stand behind its tag if the mark before it were one around it. */
  mark = ""
  /** How many opening tags of the same name, which may be mentions, follow the closing tag. */
  weakBehind = 0
  /** The CDATA section that is open stands behind the closing tag. */
  isBehind = false

  constructor(name: string, strength: Strength, mode: Mode, position: number) {
    this.name = name
    this.strength = strength
    this.mode = mode
    this.position = position
  }
}

export interface Item {
  readonly text: string
  readonly json: string | undefined
}

export interface Items {
  readonly name: string
  readonly all: Array<Item>
}
