/**
 * The keyboard, while one question follows another: what was typed or pasted ahead of a question answers it.
 */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type * as Terminal from "effect/Terminal"
import type { Console } from "./console.ts"
import * as Text from "./text.ts"

/**
 * The keys that are pressed until the scope closes. Characters that came together are one input: a long text that is pasted
 * is drawn once. The terminal is asked to tell what is pasted from what is typed: there the end of a line is the return key
 * with `meta`, as if it was pressed with Alt. CR, LF and both in a row are one end of a line.
 */
export const make = Effect.fnUntraced(function*(
  terminal: Terminal.Terminal,
  console: Console
): Effect.fn.Return<Terminal.Terminal["readInput"], never, Scope.Scope> {
  yield* Effect.acquireRelease(
    console.say({ control: "\x1b[?2004h" }),
    () => console.say({ control: "\x1b[?2004l" })
  )
  const pressed = yield* terminal.readInput
  const inputs = yield* Queue.unbounded<Terminal.UserInput, Cause.Done>()
  const paste: Paste = { isOpen: false, endsLine: false }
  yield* Queue.takeAll(pressed).pipe(
    Effect.flatMap((keys) => Queue.offerAll(inputs, together(keys.flatMap((key) => meant(key, paste))))),
    Effect.forever,
    Effect.catch(() => Queue.end(inputs)),
    Effect.forkScoped
  )
  return Effect.succeed(inputs)
})

/** What is known of the keys before the next one. */
interface Paste {
  /** Text is being pasted. */
  isOpen: boolean
  /** The last one was CR, to which a LF belongs. */
  endsLine: boolean
}

const meant = (input: Terminal.UserInput, paste: Paste): ReadonlyArray<Terminal.UserInput> => {
  const { name } = input.key
  const isSameEnd = paste.endsLine && name === "enter"
  paste.endsLine = name === "return"
  if (isSameEnd) return []
  if (name === "paste-start" || name === "paste-end") {
    paste.isOpen = name === "paste-start"
    return []
  }
  if (!paste.isOpen) return [input]
  if (name === "tab") return [typed("\t")]
  return name === "return" || name === "enter" ? [{ ...input, key: { ...input.key, meta: true } }] : [input]
}

/** Neighbouring characters become one input. */
const together = (inputs: ReadonlyArray<Terminal.UserInput>): ReadonlyArray<Terminal.UserInput> => {
  const joined: Array<Terminal.UserInput> = []
  let text: Array<string> = []
  const flush = () => {
    if (text.length > 0) joined.push(typed(text.join("")))
    text = []
  }
  for (const input of inputs) {
    const character = characterOf(input)
    if (character !== undefined) text.push(character)
    else {
      flush()
      joined.push(input)
    }
  }
  flush()
  return joined
}

/** The text that a key writes; nothing for a key that does something. */
const characterOf = ({ input, key }: Terminal.UserInput): string | undefined => {
  const text = Option.getOrElse(input, () => "")
  const isText = /^\P{Cc}+$/u.test(text) || key.name === "" && text === "\t"
  return !key.ctrl && !key.meta && isText ? Text.harmless(text) : undefined
}

const typed = (text: string): Terminal.UserInput => ({
  input: Option.some(text),
  key: { name: "", ctrl: false, meta: false, shift: false }
})
