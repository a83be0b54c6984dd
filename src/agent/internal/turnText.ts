/**
 * The text of an iteration in which a model may call tools or answer: a thought, and behind it, perhaps, the answer in the form
 * of the adapter. The thought ends where the form begins.
 */
import type * as Adapter from "../../adapter/Adapter.ts"
import { valueOf } from "../../adapter/Form.ts"
import type { Make } from "../../adapter/Scanner.ts"
import type * as Signature from "../../signature/Signature.ts"

/** Makes the scanner whose only field, `next_thought`, is the text before the first field of the answer. */
export const thoughtScanner = (adapter: Adapter.Adapter, answer: Signature.Any): Make => {
  const marks = marksOf(adapter, answer)
  return () => {
    const beginning = new Beginning(() => adapter.decoder(answer), marks)
    let isOpen = false
    return {
      push: (text, sink) => {
        if (beginning.hasEnded) return
        if (!isOpen) isOpen = sink.open("next_thought", { bare: true })
        sink.write(beginning.push(text))
        if (beginning.hasEnded) sink.close()
      },
      end: (sink) => {
        if (!isOpen) sink.open("next_thought", { bare: true })
        if (!beginning.hasEnded) sink.write(beginning.end())
      }
    }
  }
}

/**
 * Reads the answer of such a turn. What the model has thought by itself becomes the field `reasoning` once a field of the answer
 * has come, so that a turn which calls tools shows nothing of an answer. `onBegin` is called before the first part is given.
 */
export class AnswerDecoder implements Adapter.FieldDecoder {
  readonly #make: () => Adapter.FieldDecoder
  readonly #onBegin: () => void
  /** Reads the text alone, until a field has begun. */
  #decoder: Adapter.FieldDecoder
  #thought = ""
  #text = ""
  #hasBegun = false

  constructor(make: () => Adapter.FieldDecoder, onBegin: () => void) {
    this.#make = make
    this.#onBegin = onBegin
    this.#decoder = make()
  }

  push(text: string): ReadonlyArray<Adapter.FieldPart> {
    if (!this.#hasBegun) this.#text += text
    const parts = this.#decoder.push(text)
    return this.#hasBegun || parts.length === 0 ? parts : this.#begin(parts)
  }

  pushReasoning(text: string): ReadonlyArray<Adapter.FieldPart> {
    if (this.#hasBegun) return this.#decoder.pushReasoning(text)
    this.#thought += text
    return []
  }

  restart(): ReadonlyArray<Adapter.FieldPart> {
    if (this.#hasBegun) return this.#decoder.restart()
    this.#thought += this.#text
    this.#text = ""
    this.#decoder = this.#make()
    return []
  }

  end(): Adapter.DecodedReply {
    const ended = this.#decoder.end()
    if (this.#hasBegun || ended.parts.length === 0) return ended
    // Some replies are understood at their end only.
    const parts = this.#begin(ended.parts)
    if (this.#thought === "") return { ...ended, parts }
    const whole = this.#decoder.end()
    return { ...whole, parts: [...parts, ...whole.parts] }
  }

  abort(): Adapter.AbortedReply {
    return this.#hasBegun ? this.#decoder.abort() : { parts: [], partial: {} }
  }

  #begin(parts: ReadonlyArray<Adapter.FieldPart>): ReadonlyArray<Adapter.FieldPart> {
    this.#hasBegun = true
    this.#onBegin()
    if (this.#thought === "") return parts
    this.#decoder = this.#make()
    return [...this.#decoder.pushReasoning(this.#thought), ...this.#decoder.push(this.#text)]
  }
}

// Details

/**
 * Finds the end of a thought. Text from the first character that may begin the form is kept back, until a field has begun or
 * the character is too far away to be a part of its mark. In such a stretch the decoder reads character by character, so that
 * the end is the same however the text was cut.
 */
class Beginning {
  readonly #make: () => Adapter.FieldDecoder
  readonly #decoder: Adapter.FieldDecoder
  readonly #marks: Marks
  #held = ""
  /** The character before what was kept back; empty at the beginning. */
  #before = ""
  hasEnded = false

  constructor(make: () => Adapter.FieldDecoder, marks: Marks) {
    this.#make = make
    this.#decoder = make()
    this.#marks = marks
  }

  /** Takes the next text; gives what is certainly a part of the thought. */
  push(text: string): string {
    let thought = ""
    for (let at = 0; at < text.length;) {
      if (this.#held === "") {
        const mark = this.#marks.find(text, at, this.#before)
        const plain = text.slice(at, mark)
        if (plain !== "") {
          thought += plain
          this.#before = plain.at(-1)!
          at = mark
          // A field that begins without a mark is a custom adapter's.
          if (this.#decoder.push(plain).length > 0) return this.#end(thought)
        }
        if (at === text.length) return thought
      }
      const character = text[at++]!
      this.#held += character
      if (this.#decoder.push(character).length > 0) return this.#end(thought + this.#beforeForm())
      if (this.#held.length > mostHeld) thought += this.#release()
    }
    return thought
  }

  /** Ends the text; gives what was kept back of the thought. */
  end(): string {
    return this.#held
  }

  #end(thought: string): string {
    this.hasEnded = true
    this.#held = ""
    return thought
  }

  /** The text kept back does not begin with the form after all; the form may begin later in it. */
  #release(): string {
    const next = this.#marks.find(this.#held, 1, this.#held[0]!)
    const released = this.#held.slice(0, next)
    this.#held = this.#held.slice(next)
    this.#before = released.at(-1)!
    return released
  }

  /** The part of the text kept back that stands before the form, now that a field has begun: the form alone has a field as well. */
  #beforeForm(): string {
    let start = this.#held.length
    while (start > 0 && !this.#isForm(start)) start--
    return this.#held.slice(0, start).replace(fence, "").replace(decoration, "")
  }

  #isForm(start: number): boolean {
    const before = start === 0 ? this.#before : this.#held[start - 1]!
    return this.#marks.find(this.#held.slice(0, start + 1), start, before) === start &&
      this.#make().push(this.#held.slice(start)).length > 0
  }
}

/** How long a mark is, with what stands around it and the first of its field's value. */
const mostHeld = 240
/** The beginning of a code fence, or of an element around the fields. */
const fence = /(?:`{3}\w{0,20}|<\w{1,40}>)\s*$/
const decoration = /[ \t*#_>~`-]{1,80}$/

/** The places where a form may begin. */
interface Marks {
  /** The first such place from `at` on, or the text's end; `before` is the character before the text. */
  readonly find: (text: string, at: number, before: string) => number
}

/** All adapters read objects, and marks in code fences; at the start of a line also in bold, in headings and in lists. */
const anywhere = "[[{<`\u25c1]"
const atLine = "[*#_>~-]"

const marksOf = ({ form }: Adapter.Adapter, answer: Signature.Any): Marks => {
  const [first] = answer.outputFields
  const written = form === undefined || first === undefined
    ? ""
    : form.output([valueOf(first, "")], (text) => text).trimStart()
  // A form that begins as words do may begin wherever a line does.
  const line = new RegExp(`${anywhere}|${atLine}`).test(written.charAt(0)) ? atLine : String.raw`[^\r\n]`
  const beginsLine = new RegExp(line)
  const pattern = new RegExp(String.raw`${anywhere}|(?<=[\r\n])${line}`, "g")
  return {
    find: (text, at, before) => {
      if (at === 0 && (before === "" || before === "\n" || before === "\r") && beginsLine.test(text.charAt(0))) return 0
      pattern.lastIndex = at
      return pattern.exec(text)?.index ?? text.length
    }
  }
}
